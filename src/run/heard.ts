/**
 * What a worker sends is looked at before it changes anything: its machine runs the user's code, and what that has read from the target. A
 * worker that sends what no worker sends is given up, like one that is lost. Its numbers are its own: of those nobody here can know better.
 */
import * as z from 'zod'
import { type FrameHead, readHead } from '../measure/frame.ts'
import type { Seconds } from '../units.ts'
import type { WorkerEvent } from '../wire/events.ts'
import type { SliceAttempt } from '../wire/orders.ts'

/** Of a message; a stack has a thousand signs. */
const LONGEST = 8_000
/** Lines are kept: a fault's message may be a stack. */
const CONTROL = /(?!\n|\t)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu
/** How far a frame's second may be ahead of this clock: workers' clocks are a second off at the most. */
const AHEAD: Seconds = 60

const text = z.string().transform((said) => said.slice(0, LONGEST).replaceAll(CONTROL, '\ufffd'))
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const place = z.object({ file: text, line: z.number(), column: z.number() })
const ledger = z.object({
  ...{ due: count, launched: count, skipped: count, lost: count, completed: count, failed: count, unfinished: count },
})
const step = z.object({
  ...{ arrival: count, scenario: text, step: text, status: z.number().nullable(), took: z.number() },
  asserted: z.array(z.object({ ok: z.boolean(), said: text })),
  error: text.nullable(),
})
const said = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), at: z.number() }),
  z.object({ type: z.literal('done'), ledger, frames: count }),
  z.object({ type: z.literal('hooked'), vars: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal('returned'), value: z.unknown().optional() }),
  // What the user's code suggests may be anything; what is no exit code is none of success.
  z.object({ type: z.literal('suggested'), code: z.number().int().min(0).max(255).catch(1) }),
  z.object({ type: z.literal('step'), step }),
  z.object({ type: z.literal('unkept'), message: text }),
  z.object({
    ...{ type: z.literal('fault'), code: z.enum(['script', 'hook', 'late', 'threw', 'result', 'timeout', 'worker']) },
    ...{ message: text, at: place.nullable() },
  }),
])

/** The event, with nothing in it but what it says. Throws a RangeError when it says nothing that a worker says. Frames are looked at by what is in them. */
export function heard(event: WorkerEvent): WorkerEvent {
  if (event.type === 'frame') return event
  const { success, data, error } = said.safeParse(event)
  if (!success) throw new RangeError(`an event that is none: ${error.issues[0]?.message ?? ''}`)
  return data
}

/** Of a frame that came in the worker's stream at second `at` of the run. Throws a RangeError when it is not of that. */
export function heardHead(bytes: Uint8Array, { slice, attempt }: SliceAttempt, at: Seconds): FrameHead {
  const head = readHead(bytes)
  if (head.slice !== slice) throw new RangeError(`a frame of slice ${head.slice}`)
  if (head.attempt !== attempt) throw new RangeError(`a frame of attempt ${head.attempt}`)
  if (head.second < -1 || head.second > Math.max(0, at) + AHEAD)
    throw new RangeError(`a frame of second ${head.second}`)
  return head
}
