/** Lambda's API as far as a fleet asks it, answered by the test; and a world whose time is the test's. */
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventStreamCodec } from '@smithy/core/event-streams'
import { onTestFinished } from 'vitest'
import type { Fleet, FleetEvent, Platform } from '../../../../src/fleet/fleet.ts'
import { type LambdaFleetOptions, lambdaFleet } from '../../../../src/fleet/lambda/fleet.ts'
import { folderStore } from '../../../../src/store/folder.ts'
import { encodeEvent, type WorkerEvent } from '../../../../src/wire/events.ts'
import type { Start } from '../../../../src/wire/start.ts'
import { realWorld, type World } from '../../../../src/world.ts'
import { startEvent } from '../../../support/worker.ts'

export const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)

export const message = (type: string, payload: Uint8Array, kind = 'event'): Uint8Array =>
  codec.encode({
    headers: {
      ':message-type': { type: 'string', value: kind },
      [kind === 'event' ? ':event-type' : ':exception-type']: { type: 'string', value: type },
    },
    body: payload,
  })

export const payloadOf = (...events: WorkerEvent[]): Uint8Array =>
  message('PayloadChunk', Buffer.concat(events.map(encodeEvent)))

/** `log`: what the function wrote at its end. */
export const completeOf = (said: { code?: string; details?: unknown; log?: string } = {}): Uint8Array => {
  const { code = '', details = '', log = '' } = said
  const ErrorDetails = typeof details === 'string' ? details : JSON.stringify(details)
  const LogResult = Buffer.from(log).toString('base64')
  return message('InvokeComplete', Buffer.from(JSON.stringify({ ErrorCode: code, ErrorDetails, LogResult })))
}

/** One call of the API. `number` counts them from 1. */
export type Asked = { request: IncomingMessage; path: string; body: string; number: number; response: ServerResponse }
export type Answering = (asked: Asked) => unknown

/** Refuses as Lambda does. */
export const refuse = ({ response }: Asked, status: number, type: string, said: object = { message: 'no' }): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': `${type}:http://example/` })
  response.end(JSON.stringify(said))
}

export async function serve(answer: Answering): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const body: Buffer[] = []
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('end', () => {
      const one = { request, response, path: request.url ?? '', body: Buffer.concat(body).toString('utf8') }
      asked.push({ ...one, number: asked.length + 1 })
      answer(asked.at(-1) as Asked)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const real = realWorld()

/** A world whose sleeps take no time but move its clock. `onSleep` is told of each. */
export function timeless(url: string, onSleep: () => unknown = () => {}): { world: World; tick(span: number): void } {
  let now = 1_000_000
  const ticking = new Set<() => void>()
  const world: World = {
    ...real,
    env: { AWS_ENDPOINT_URL_LAMBDA: url },
    entropy: (n) => '80'.repeat(n),
    clock: {
      wall: () => now,
      steady: () => now * 1000,
      async sleep(span) {
        await onSleep()
        now += span
        await new Promise((resolve) => setImmediate(resolve))
      },
      every(_, tick) {
        ticking.add(tick)
        return () => ticking.delete(tick)
      },
    },
  }
  return {
    world,
    // Second by second: whoever looks less often has stood still himself.
    tick(span) {
      for (const end = now + span; now < end; ) {
        now = Math.min(end, now + 1_000)
        for (const tick of ticking) tick()
      }
    },
  }
}

export const folder = (): string => mkdtempSync(join(tmpdir(), 'slsart-fleet-'))

export type Made = { fleet: Fleet; root: string; notes: string[]; start(index?: number): Start }

const platform: Platform = {
  ...{ stage: 'dev', region: 'eu-west-1', function: 'slsart-dev-worker', bucket: 'b', arch: 'arm64', memoryMb: 1_769 },
}

export function fleetAt(world: World, options: Partial<LambdaFleetOptions> = {}): Made {
  const root = folder()
  const notes: string[] = []
  const fleet = lambdaFleet({
    ...{ world, store: folderStore(root), place: { kind: 'folder', folder: root }, logs: join(root, 'logs') },
    ...{ platform, version: '7', ephemeral: false },
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret' }),
    note: (text) => void notes.push(text),
    ...options,
  })
  onTestFinished(() => fleet.close())
  const start = (index = 0): Start => ({
    ...startEvent(root, 'http://127.0.0.1:9', { duration: 10, arrivals: 10 }),
    ...{ index, drain: 5, batches: fleet.batches },
  })
  return { fleet, root, notes, start }
}

/** Everything a launch says, to its end. `on` hears of each as it comes. */
export async function heard(
  events: AsyncIterable<FleetEvent>,
  on: (event: FleetEvent) => void = () => {},
): Promise<FleetEvent['event'][]> {
  const all: FleetEvent['event'][] = []
  for await (const event of events) {
    all.push(event.event)
    on(event)
  }
  return all
}
