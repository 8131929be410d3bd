/** A target inside this process, for throw-away virtual users: what runs the first real ones has been loaded and compiled by then. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Nothing of this is recorded or sent out. */
export async function onWarmTarget(run: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end('{"id":1,"items":[{"name":"a"}]}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  server.closeAllConnections()
  server.close()
}

export const WARM_FLOW: Record<string, unknown>[] = [
  { get: { url: '/?a={{ a }}', headers: { 'x-a': '{{ a }}' }, capture: { json: '$.items[0].name', as: 'name' } } },
  { post: { url: '/', json: { name: '{{ name }}' } } },
]
