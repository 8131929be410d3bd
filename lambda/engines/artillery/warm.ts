/**
 * Warm-up: throw-away virtual users against a server inside this process, so that the first real ones do not pay for
 * loading and compiling the engine. Nothing is recorded or sent out.
 */
import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Micros } from '../../../src/units.ts'
import { untimed } from './steps.ts'
import { TimedHttpEngine } from './timed.ts'

const ROUNDS = 60

export async function warmUp(env: Record<string, string | undefined>, now: () => Micros): Promise<void> {
  // Through a proxy the warm-up would leave this machine.
  if (env.HTTP_PROXY || env.HTTPS_PROXY) return
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end('{"id":1,"items":[{"name":"a"}]}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const engine = new TimedHttpEngine({ config: { target, processor: {} } }, now, untimed(false))
  await engine.init()
  const flow = [
    { get: { url: '/?a={{ a }}', headers: { 'x-a': '{{ a }}' }, capture: { json: '$.items[0].name', as: 'name' } } },
    { post: { url: '/', json: { name: '{{ name }}' } } },
  ]
  const run = engine.createScenario(
    { flow },
    new EventEmitter().on('error', () => {}),
  )
  for (let round = 0; round < ROUNDS; round++) {
    const context = { vars: { target, a: round }, funcs: {}, scenario: {}, _uid: randomUUID(), _random: () => 0 }
    await new Promise<void>((resolve) => void run(context, () => resolve()))
  }
  server.closeAllConnections()
  server.close()
}
