/**
 * What a worker says, and how it crosses: messages of length (4 bytes, big-endian), kind (1 byte), payload.
 * A chunk of the stream is not a message; the decoder takes the stream cut at any byte.
 *
 * Frames travel as bytes, compressed by the sender; everything else is JSON.
 */
import type { StepResult } from '../measure/acceptance.ts'
import type { Ledger } from '../measure/ledger.ts'
import type { Millis } from '../units.ts'

/** Where in the user's code a fault happened. */
export type FaultPlace = { file: string; line: number; column: number }

/**
 * `script`: the user's code failed to load. `hook`: the flow of `before` or `after` failed. `late`: the slice was claimed, over or past.
 * Of a task: its function `threw`, and the message is the stack; its `result` cannot travel; its `timeout` is over. `worker`: everything else.
 */
export type Fault = {
  type: 'fault'
  code: 'script' | 'hook' | 'late' | 'threw' | 'result' | 'timeout' | 'worker'
  message: string
  at: FaultPlace | null
}

/** `ready.at`: the worker's wall clock when it said so. `returned`: of a task, whose function may return nothing. `suggested`: the exit code that the user's code wants the run to end with. `unkept`: something that was to be kept, and could not be. */
export type WorkerEvent =
  | { type: 'ready'; at: Millis }
  | { type: 'frame'; packed: Uint8Array }
  | { type: 'done'; ledger: Ledger; frames: number }
  | { type: 'hooked'; vars: Record<string, unknown> }
  | { type: 'returned'; value?: unknown }
  | { type: 'suggested'; code: number }
  | { type: 'unkept'; message: string }
  | { type: 'step'; step: StepResult }
  | Fault

/** The largest that a worker sends is what `before` has set, which must fit into 6 MB; a frame is some kilobytes. */
const MOST_BYTES = 16 * 2 ** 20

const FRAME = 1
const JSON_EVENT = 2
const HEAD = 5

export function encodeEvent(event: WorkerEvent): Uint8Array {
  const payload = event.type === 'frame' ? event.packed : new TextEncoder().encode(JSON.stringify(event))
  const bytes = new Uint8Array(HEAD + payload.length)
  new DataView(bytes.buffer).setUint32(0, payload.length)
  bytes[4] = event.type === 'frame' ? FRAME : JSON_EVENT
  bytes.set(payload, HEAD)
  return bytes
}

const NOTHING = new Uint8Array(0)

export class EventDecoder {
  private pending: Uint8Array = NOTHING

  /** The events completed by these bytes. Throws a RangeError on what is no event: then nothing that follows is one. */
  push(chunk: Uint8Array): WorkerEvent[] {
    const bytes = this.pending.length === 0 ? chunk : joined(this.pending, chunk)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const events: WorkerEvent[] = []
    let at = 0
    while (bytes.length - at >= HEAD) {
      const length = view.getUint32(at)
      // It would be waited for, and kept until then.
      if (length > MOST_BYTES) throw new RangeError(`an event of ${length} bytes`)
      const end = at + HEAD + length
      if (end > bytes.length) break
      events.push(decode(bytes[at + 4] as number, copyOf(bytes.subarray(at + HEAD, end))))
      at = end
    }
    this.pending = at === bytes.length ? NOTHING : copyOf(bytes.subarray(at))
    return events
  }
}

/** The chunk's memory may be used again. A Buffer's own `slice` makes no copy. */
const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

function joined(before: Uint8Array, after: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(before.length + after.length)
  bytes.set(before)
  bytes.set(after, before.length)
  return bytes
}

function decode(kind: number, payload: Uint8Array): WorkerEvent {
  if (kind === FRAME) return { type: 'frame', packed: payload }
  if (kind === JSON_EVENT) return jsonIn(payload) as WorkerEvent
  throw new RangeError(`event kind ${kind} is unknown`)
}

function jsonIn(payload: Uint8Array): object {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(payload))
  } catch {
    throw new RangeError('an event is no JSON')
  }
  if (typeof value !== 'object' || value === null) throw new RangeError('an event is no object')
  return value
}
