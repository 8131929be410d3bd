/** A target inside this process, for throw-away virtual users: what runs the first real ones has been loaded and compiled by then. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

const HEAD = /^(GET|POST) /
const BODY = '{"id":1,"items":[{"name":"a"}]}'
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`

/** Nothing of this is recorded or sent out. Over plain sockets: a server of node:http took a third of what the warm-up cost. */
export async function onWarmTarget(run: (url: string) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Who sends a request has had the answer to the one before, so that each begins a chunk; its body may follow in one of its own.
    socket.on('data', (chunk) => void (HEAD.test(chunk.toString('latin1', 0, 5)) && socket.write(ANSWER)))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  for (const socket of sockets) socket.destroy()
  server.close()
}

export const WARM_FLOW: Record<string, unknown>[] = [
  { get: { url: '/?a={{ a }}', headers: { 'x-a': '{{ a }}' }, capture: { json: '$.items[0].name', as: 'name' } } },
  { post: { url: '/', json: { name: '{{ name }}' } } },
]
