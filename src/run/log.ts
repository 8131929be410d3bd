/**
 * What happened in a run, on disk: every event that changed its state, appended as it happens, so that the state at its end
 * can be reduced again from the file. An entry is a head (length of the payload, kind, slice, second: 4, 1, 4 and 4 bytes; the
 * wall clock's milliseconds: 8; big-endian) and a payload: a frame as the worker packed it, anything else as JSON. A file
 * cut off at any byte gives every entry before the cut.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { unwrittenText } from '../errors.ts'
import type { Millis } from '../units.ts'
import { LogFile } from './log-file.ts'
import type { RunEvent } from './state.ts'
import { unpacked } from './unpack.ts'

const HEAD = 21
const FRAME = 1
const EVENT = 2

/** Frames apart: they are kept as they came, packed. */
export type OtherEvent = Exclude<RunEvent, { type: 'frame' }>

export type RunLog = {
  frame(of: { slice: number; second: number }, packed: Uint8Array, now: Millis): void
  event(event: OtherEvent, now: Millis): void
  /** Why something could not be written, or null. */
  problem(): string | null
  /** Resolves with how many bytes there are. */
  close(): Promise<number>
}

/** Throws when there is one already, or it cannot be made. */
export function openRunLog(path: string): RunLog {
  const file = new LogFile(path)
  const append = (entry: Omit<Entry, 'offset' | 'length'>, payload: Uint8Array): void =>
    file.append(HEAD, (into, at) => writeHead({ ...entry, length: payload.length }, into, at), payload)
  return {
    frame({ slice, second }, packed, now) {
      append({ kind: FRAME, slice, second, now }, packed)
    },
    event(event, now) {
      append({ kind: EVENT, slice: 0, second: 0, now }, Buffer.from(JSON.stringify(event)))
    },
    problem: () => file.problem && unwrittenText(path, file.problem),
    async close() {
      await file.close()
      return file.written
    },
  }
}

/** Every whole frame of a log, unpacked, sorted by second; one at a time, so that a long run fits in memory. */
export const framesBySecond = (path: string): Generator<Uint8Array> => frames(path, (a, b) => a.second - b.second)

/** The same, one worker after another. */
export const framesBySlice = (path: string): Generator<Uint8Array> => frames(path, (a, b) => a.slice - b.slice)

function* frames(path: string, order: (a: Entry, b: Entry) => number): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    const entries = index(file).filter(({ kind }) => kind === FRAME)
    entries.sort((a, b) => order(a, b) || a.offset - b.offset)
    for (const entry of entries) {
      const bytes = unpacked(read(file, entry))
      if (bytes !== null) yield bytes
    }
  } finally {
    closeSync(file)
  }
}

/** Every whole entry of a log as it happened, but for what was damaged. */
export const eventsOf = (path: string): Generator<{ now: Millis; event: RunEvent }> => logOf(path, 0)

/** Those from that byte on; `end`: where the next one begins. */
function* logOf(path: string, from: number): Generator<{ now: Millis; event: RunEvent; end: number }> {
  const file = openSync(path, 'r')
  try {
    for (const entry of index(file, from)) {
      const event = entry.kind === FRAME ? frameIn(read(file, entry), entry.slice) : eventIn(read(file, entry))
      if (event !== null) yield { now: entry.now, event, end: entry.offset + entry.length }
    }
  } finally {
    closeSync(file)
  }
}

/** The whole entries of a log that is being written: each time those that there are since the time before. */
export class LogTail {
  private readonly path: string
  private read = 0

  constructor(path: string) {
    this.path = path
  }

  *more(): Generator<{ now: Millis; event: RunEvent }> {
    for (const { end, ...logged } of logOf(this.path, this.read)) {
      this.read = end
      yield logged
    }
  }
}

/** When the last whole entry was written; null without one. */
export function lastMoment(path: string): Millis | null {
  const file = openSync(path, 'r')
  try {
    return index(file).at(-1)?.now ?? null
  } finally {
    closeSync(file)
  }
}

function frameIn(packed: Uint8Array, slice: number): RunEvent | null {
  const bytes = unpacked(packed)
  return bytes && { type: 'frame', slice, bytes }
}

function eventIn(payload: Buffer): OtherEvent | null {
  try {
    const event = JSON.parse(payload.toString('utf8')) as OtherEvent
    // Records of before there were attempts have first ones only.
    if (!NUMBERED.has(event.type) || 'attempt' in event) return event
    return { again: false, ...(event as object), attempt: 1 } as OtherEvent
  } catch {
    return null
  }
}

const NUMBERED: ReadonlySet<string> = new Set(['launched', 'ready', 'done', 'fault', 'gone'])

type Entry = { kind: number; slice: number; second: number; now: Millis; length: number; offset: number }

function writeHead({ length, kind, slice, second, now }: Omit<Entry, 'offset'>, into: Buffer, at: number): void {
  into.writeUInt32BE(length, at)
  into.writeUInt8(kind, at + 4)
  into.writeInt32BE(slice, at + 5)
  into.writeInt32BE(second, at + 9)
  into.writeDoubleBE(now, at + 13)
}

function index(file: number, from = 0): Entry[] {
  const { size } = fstatSync(file)
  const head = Buffer.alloc(HEAD)
  const entries: Entry[] = []
  for (let at = from; at + HEAD <= size; ) {
    readSync(file, head, 0, HEAD, at)
    const length = head.readUInt32BE(0)
    const offset = at + HEAD
    if (offset + length > size) break
    const [kind, slice, second, now] = [
      head.readUInt8(4),
      head.readInt32BE(5),
      head.readInt32BE(9),
      head.readDoubleBE(13),
    ] as const
    entries.push({ kind, slice, second, now, length, offset })
    at = offset + length
  }
  return entries
}

function read(file: number, { length, offset }: Entry): Buffer {
  const payload = Buffer.alloc(length)
  readSync(file, payload, 0, length, offset)
  return payload
}
