/** What the worker knows to be secret, and where it takes that out: of all that is printed in its process, and of what it tells in words. */
import type { Writable } from 'node:stream'
import { secretsIn, secretsOfEnv, secretsOfRows, secretsOfScript } from '../src/secrets/collect.ts'
import { Redactor } from '../src/secrets/redactor.ts'
import type { WorkerEvent } from '../src/wire/events.ts'
import type { WorkerScript } from '../src/wire/start.ts'
import { type AnyStart, isTask } from '../src/wire/task.ts'

/** `env`: of the process, before the run's own variables come over it. */
export function redactorFor(start: AnyStart, env: Record<string, string | undefined>): Redactor {
  const redactor = new Redactor()
  redactor.learn(start.secrets)
  if (!isTask(start)) redactor.learn(secretsOfScript(start.script))
  redactor.learn(secretsOfEnv({ ...env, ...start.env }))
  redactor.learn(secretsIn(isTask(start) ? start.task.item : start.vars))
  return redactor
}

/** `rows[i]` are feed i's. */
export function learnRows(redactor: Redactor, { feeds }: WorkerScript, rows: readonly unknown[][][]): void {
  for (const [i, { fields }] of feeds.entries()) redactor.learn(secretsOfRows({ fields, rows: rows[i] ?? [] }))
}

/** Frames have been cleaned name by name; what `before` has set is for the other workers, and what a task returns for who asked: both go as they are. */
export function toldBy(redactor: Redactor, event: WorkerEvent): WorkerEvent {
  if (event.type === 'fault' || event.type === 'unkept') return { ...event, message: redactor.text(event.message) }
  return event.type === 'step' ? { ...event, step: redactor.json(event.step) } : event
}

/** Has everything that is written to the streams, whoever writes it, pass the redactor first; the function it returns ends that. */
export function heedStreams(streams: readonly Writable[], redactor: Redactor): () => void {
  const before = streams.map((stream) => stream.write)
  for (const stream of streams) {
    const write = stream.write.bind(stream) as (chunk: unknown, ...more: unknown[]) => boolean
    stream.write = ((chunk: string | Uint8Array, ...more: unknown[]) =>
      write(
        typeof chunk === 'string' ? redactor.text(chunk) : bytesBy(redactor, chunk),
        ...more,
      )) as typeof stream.write
  }
  return () => {
    for (const [i, stream] of streams.entries()) stream.write = before[i] as typeof stream.write
  }
}

/** Bytes that are no text stay what they are. */
function bytesBy(redactor: Redactor, chunk: Uint8Array): Uint8Array {
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('utf8')
  const redacted = redactor.text(text)
  return redacted === text ? chunk : Buffer.from(redacted)
}
