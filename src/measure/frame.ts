/**
 * A frame: what one worker measured since its last one. Deltas, never totals, so frames add up in any order.
 *
 * Bytes, in order (numbers are LEB128, texts are length and UTF-8):
 *   version · length of all counts payloads · slice · attempt · seq · second
 *   health:     nine numbers
 *   counters:   how many, then name · value (ZigZag)
 *   histograms: how many, then name · count · min · max · sum (ZigZag) · length of its counts payload
 *   failures:   how many, then each as JSON
 *   counts payloads (gaps.ts), in the order of their histograms
 *
 * What comes before the payloads is compressed by the sender, outside this room; they are as small as they get.
 */
import type { Micros } from '../units.ts'
import { ByteReader, type ByteWriter } from './bytes.ts'
import { writeGaps } from './gaps.ts'
import type { Histogram } from './histogram.ts'
import { isPlainName } from './names.ts'

export const FRAME_VERSION = 4

/** `second`: whole seconds of the run (T0 = 0) at which the frame's interval began; −1 before T0. */
export type FrameHead = { slice: number; attempt: number; seq: number; second: number; health: Health }

/**
 * The worker's own state over the interval, which took `span`. `files` are open, sockets and all; `fileLimit` may be, 0 when nobody
 * knows. `ports`: TCP sockets of the worker's machine, those that wait a minute after their closing too; of `portLimit` local ports one
 * destination's connections may have, 0 when nobody knows.
 */
export type Health = {
  span: Micros
  cpu: Micros
  loopDelayMax: Micros
  memoryBytes: number
  inFlight: number
  files: number
  fileLimit: number
  ports: number
  portLimit: number
}

const HEALTH = [
  'span',
  'cpu',
  'loopDelayMax',
  'memoryBytes',
  'inFlight',
  'files',
  'fileLimit',
  'ports',
  'portLimit',
] as const satisfies (keyof Health)[]

/**
 * A virtual user that failed, to show what an error looks like: one of each code a frame. `endpoint` and `status` are those of its last
 * request, null without one. It carries neither addresses nor bodies: nothing of it is secret.
 */
export type Failure = {
  code: string
  message: string
  scenario: string
  endpoint: string | null
  status: number | null
  arrival: number
  second: number
}

export type FrameBody = {
  counters: ReadonlyMap<string, number>
  histograms: ReadonlyMap<string, Histogram>
  failures: readonly Failure[]
}

/** Writes one frame; empty histograms are left out. A counter of 0 travels: some are counted so that they are in the report. `scratch` is reused from frame to frame. */
export function writeFrame(head: FrameHead, body: FrameBody, out: ByteWriter, scratch: ByteWriter): Uint8Array {
  const histograms = [...body.histograms].filter(([, histogram]) => histogram.count > 0)
  scratch.clear()
  const ends = histograms.map(([, histogram]) => {
    writeGaps(histogram, scratch)
    return scratch.length
  })
  out.clear()
  out.unsigned(FRAME_VERSION)
  out.unsigned(scratch.length)
  out.unsigned(head.slice)
  out.unsigned(head.attempt)
  out.unsigned(head.seq)
  out.signed(head.second)
  for (const name of HEALTH) out.unsigned(head.health[name])
  out.unsigned(body.counters.size)
  for (const [name, value] of body.counters) {
    out.text(name)
    out.signed(value)
  }
  out.unsigned(histograms.length)
  for (const [i, [name, histogram]] of histograms.entries()) {
    out.text(name)
    out.unsigned(histogram.count)
    for (const value of [histogram.min, histogram.max, histogram.sum]) out.signed(value)
    out.unsigned((ends[i] as number) - (ends[i - 1] ?? 0))
  }
  out.unsigned(body.failures.length)
  for (const failure of body.failures) out.text(JSON.stringify(failure))
  out.raw(scratch.written())
  return out.written()
}

export type Delta = { name: string; count: number; min: Micros; max: Micros; sum: number; payload: Uint8Array }

/** What `readFrame` hands out as it goes; nothing is kept between calls. */
export type FrameVisitor = {
  counter(name: string, value: number): void
  histogram(delta: Delta): void
  failure?(failure: Failure): void
}

/** Of what is deflated of a frame, its names and numbers. A thousand endpoints have some hundred kilobytes; what inflates to more than this was made to. */
export const MOST_FRAME_BYTES: number = 32 * 2 ** 20

/** Where the counts payloads begin in a frame's bytes. Throws a RangeError when they would begin before the frame. */
export function payloadsAt(bytes: Uint8Array): number {
  const at = bytes.length - lengthOfPayloads(new ByteReader(bytes))
  if (at < 0) throw new RangeError(`counts payloads begin ${-at} bytes before their frame`)
  return at
}

/** Reads only the head: enough to know whose frame it is and whether it was seen before. */
export function readHead(bytes: Uint8Array): FrameHead {
  return head(new ByteReader(bytes))
}

/** Reads a frame. Throws a RangeError on bytes that are cut short, of another version, or say what no worker measures. */
export function readFrame(bytes: Uint8Array, visit: FrameVisitor): FrameHead {
  let payload = payloadsAt(bytes)
  const reader = new ByteReader(bytes, payload)
  const read = head(reader)
  for (let n = reader.unsigned(); n > 0; n--) visit.counter(reader.text(), reader.signed())
  for (let n = reader.unsigned(); n > 0; n--) {
    const name = reader.text()
    const count = reader.unsigned()
    const min = reader.signed()
    const max = reader.signed()
    const sum = reader.signed()
    if (count < 1 || max < min) throw new RangeError(`${count} values from ${min} to ${max}`)
    const from = payload
    payload += reader.unsigned()
    if (payload > bytes.length) throw new RangeError(`a counts payload ends at ${payload}`)
    visit.histogram({ name, count, min, max, sum, payload: bytes.subarray(from, payload) })
  }
  for (let n = reader.unsigned(); n > 0; n--) {
    const failure = failureIn(reader.text())
    visit.failure?.(failure)
  }
  return read
}

function failureIn(text: string): Failure {
  const failure = jsonIn(text) as Partial<Failure> | null
  const { code, message, scenario, endpoint, status, arrival, second } = failure ?? {}
  const texts = [code, message, scenario, endpoint ?? '']
  const numbers = [status ?? 0, arrival, second]
  const isWhole =
    texts.every((value) => typeof value === 'string' && isPlainName(value)) &&
    numbers.every((value) => typeof value === 'number')
  if (!isWhole) throw new RangeError('a failure is none')
  return failure as Failure
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RangeError('a failure is no JSON')
  }
}

const NOTHING: Health = {
  ...{ span: 0, cpu: 0, loopDelayMax: 0, memoryBytes: 0, inFlight: 0, files: 0, fileLimit: 0, ports: 0, portLimit: 0 },
}

function lengthOfPayloads(reader: ByteReader): number {
  const version = reader.unsigned()
  if (version !== FRAME_VERSION) throw new RangeError(`frame version ${version}, this program reads ${FRAME_VERSION}`)
  return reader.unsigned()
}

function head(reader: ByteReader): FrameHead {
  lengthOfPayloads(reader)
  const slice = reader.unsigned()
  const attempt = reader.unsigned()
  const seq = reader.unsigned()
  const second = reader.signed()
  const health: Health = { ...NOTHING }
  for (const name of HEALTH) health[name] = reader.unsigned()
  return { slice, attempt, seq, second, health }
}
