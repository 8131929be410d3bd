/**
 * The stand-in for Lambda's runtime, in a process of its own: the worker bundle's handler gets one event from standard
 * input and streams its answer to file descriptor 3. What the user's code prints goes to the worker's log.
 */
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { realWorld } from '../../world.ts'

const NEWLINE = 10
type Handler = (event: unknown, response: Writable) => Promise<void>

const world = realWorld()
// The conductor decides when a worker stops; a ^C in the terminal reaches the conductor alone.
world.onStop(() => {})
const [bundle = ''] = world.argv

Object.assign(globalThis, { awslambda: { streamifyResponse: (handler: Handler): Handler => handler } })
const { handler } = (await import(pathToFileURL(bundle).href)) as { handler: Handler }

const response = new Socket({ fd: 3, readable: false, writable: true })
// The conductor is gone: nobody is left to measure for.
response.on('error', () => world.exit(1))

const event = await new Promise<unknown>((resolve) => {
  const input: Buffer[] = []
  world.stdin.on('data', (chunk: Buffer) => {
    input.push(chunk)
    if (chunk.includes(NEWLINE)) resolve(JSON.parse(Buffer.concat(input).toString('utf8')))
  })
})
world.stdin.on('end', () => world.exit(1))
await handler(event, response)
world.exit(0)
