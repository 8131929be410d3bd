/** What a worker may send, and the same spoilt: events cut anywhere, frames with other numbers and names in them. And who hears it, as the conductor does. */
import { ByteWriter } from '../../src/measure/bytes.ts'
import { type FrameBody, writeFrame } from '../../src/measure/frame.ts'
import { Histogram } from '../../src/measure/histogram.ts'
import { artillery, named } from '../../src/measure/names.ts'
import { heard, heardHead } from '../../src/run/heard.ts'
import { begin, type RunState, reduce } from '../../src/run/state.ts'
import { unpacked } from '../../src/run/unpack.ts'
import { EventDecoder, encodeEvent, type WorkerEvent } from '../../src/wire/events.ts'
import { Dice } from './answers.ts'
import { constant } from './arbitraries.ts'
import { planOf } from './plans.ts'

const T0 = 1_000_000
const SECONDS = 20
const OF = { slice: 0, attempt: 1 }
const NAMES = [
  'launched',
  'completed',
  'failed',
  'requests',
  named('errors', 'error', 'ECONNRESET'),
  artillery('http.requests'),
]
const TIMES = ['response', 'lateness', named('response', 'phase', 0), named('service', 'endpoint', 'GET /items')]
/** What breaks out of somewhere, when it is taken for what it is not. */
const ODD = [
  '__proto__',
  'constructor',
  'toString',
  '\u001b[2J',
  '</script>',
  '=cmd|calc',
  'a\u202eb',
  '\ud800',
  'x'.repeat(5_000),
]

/** Used again and again: a new one takes as long as all the rest. */
const SPARE = [new Histogram(), new Histogram()]
/** Sound frames to begin with. */
const POOL = 4_000
const pool: Uint8Array[] = []
const [out, scratch] = [new ByteWriter(), new ByteWriter()]

/** A frame of slice 0, one of a few thousand. */
function frameBytes(dice: Dice): Uint8Array {
  const n = dice.below(POOL)
  pool[n] ??= newFrame(new Dice(n))
  return pool[n]
}

/** As a worker writes it, now and then with names that are none. */
function newFrame(dice: Dice): Uint8Array {
  const name = (list: readonly string[]): string => (dice.once(40) ? dice.pick(ODD) : dice.pick(list))
  const histograms = new Map<string, Histogram>()
  for (const histogram of SPARE.slice(dice.below(SPARE.length + 1))) {
    histogram.clear()
    for (let i = dice.below(6); i >= 0; i--) histogram.record(dice.below(dice.once(4) ? 3_600_000_000 : 5_000))
    histograms.set(name(TIMES), histogram)
  }
  const failure = { message: 'reset', scenario: 's', endpoint: null, status: null, arrival: 1, second: 0 }
  const body: FrameBody = {
    counters: new Map(Array.from({ length: dice.below(5) }, () => [name(NAMES), dice.below(100)])),
    histograms,
    failures: dice.once(5) ? [{ ...failure, code: name(['ECONNRESET', 'ETIMEDOUT']) }] : [],
  }
  const second = dice.below(SECONDS)
  const health = {
    ...{ span: 1_000_000, cpu: 300_000, loopDelayMax: 100, memoryBytes: 2 ** 28, inFlight: dice.below(9) },
    ...{ files: 40, fileLimit: 1_024, ports: 60, portLimit: 28_000 },
  }
  return writeFrame({ slice: 0, attempt: 1, seq: dice.below(1_000), second, health }, body, out, scratch).slice()
}

function anyEvent(dice: Dice): WorkerEvent {
  const ledger = { due: 5, launched: 5, skipped: 0, lost: 0, completed: 5, failed: 0, unfinished: 0 }
  const step = { arrival: 0, scenario: 's', step: 'GET /', status: 200, took: 5, asserted: [], error: null }
  return dice.pick<WorkerEvent>([
    { type: 'ready', at: T0 },
    { type: 'done', ledger, frames: 3 },
    { type: 'suggested', code: 1 },
    { type: 'step', step },
    { type: 'unkept', message: 'no room' },
    { type: 'hooked', vars: { a: 1 } },
    { type: 'fault', code: 'worker', message: 'it fell', at: null },
  ])
}

/** Some bytes set, cut out, put in or doubled. */
function spoilt(dice: Dice, bytes: Uint8Array): Uint8Array {
  let spoilt = new Uint8Array(bytes)
  for (let n = dice.below(4); n >= 0; n--) {
    const [at, length] = [dice.below(spoilt.length + 1), dice.below(9)]
    const more = dice.once(2) ? randomBytes(dice, length) : spoilt.subarray(at, at + length)
    const rest = dice.once(2) ? at : at + length
    if (dice.once(3)) spoilt.fill(dice.pick([0, 127, 128, 255, dice.below(256)]), at, at + length)
    else spoilt = new Uint8Array(Buffer.concat([spoilt.subarray(0, at), more, spoilt.subarray(rest)]))
  }
  return spoilt
}

const randomBytes = (dice: Dice, length: number): Uint8Array => Uint8Array.from({ length }, () => dice.below(256))

/** A JSON event with some of its text replaced. */
function spoiltJson(dice: Dice): Uint8Array {
  const text = JSON.stringify(anyEvent(dice))
  const odd = dice.pick([
    'null',
    '-1',
    '1e999',
    '"x"',
    '{}',
    '[]',
    '{"__proto__":{"polluted":1}}',
    '"\\u001b[2J"',
    '9'.repeat(40),
  ])
  const [from, to] = [dice.below(text.length), dice.below(text.length)]
  const replaced = dice.once(2)
    ? text.replace(/:("[^"]*"|[\d.]+|\{[^{}]*\}|null)/, `:${odd}`)
    : text.slice(0, Math.min(from, to)) + odd + text.slice(Math.max(from, to))
  return message(2, new TextEncoder().encode(replaced))
}

/** As zlib packs what it finds no way to make smaller, which takes a tenth of the time: a header, a block as it is, a checksum. */
function packed(bytes: Uint8Array): Uint8Array {
  const out = Buffer.alloc(bytes.length + 11)
  out.set([0x78, 0x01, 0x01])
  out.writeUInt16LE(bytes.length, 3)
  out.writeUInt16LE(bytes.length ^ 0xffff, 5)
  out.set(bytes, 7)
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  out.writeUInt32BE(b * 65_536 + a, bytes.length + 7)
  return out
}

function message(kind: number, payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(payload.length)
  head[4] = kind
  return Buffer.concat([head, payload])
}

/** What a worker's stream may bring: sound, spoilt at some depth, or no stream at all. */
export function anyStream(dice: Dice): Uint8Array {
  const frame = (bytes: Uint8Array): Uint8Array => message(1, packed(bytes))
  switch (dice.below(8)) {
    case 0:
      return randomBytes(dice, dice.below(60))
    case 1:
      return frame(frameBytes(dice))
    case 2:
      return encodeEvent(anyEvent(dice))
    case 3:
      return spoilt(dice, Buffer.concat([frame(frameBytes(dice)), encodeEvent(anyEvent(dice))]))
    case 4:
      return spoiltJson(dice)
    case 5:
      return frame(randomBytes(dice, dice.below(60)))
    default:
      // Past the checksum, where only the reading of it can find out.
      return frame(spoilt(dice, frameBytes(dice)))
  }
}

/** Hears streams as the conductor does. What is refused is told; what throws anything else has got through. */
export class Hearer {
  state: RunState = this.begun()

  /** What became of a stream: how much of it was heard, and why not more. */
  hear(bytes: Uint8Array, dice: Dice): 'heard' | 'nothing yet' | 'damaged' | 'refused' {
    const decoder = new EventDecoder()
    const cut = dice.below(bytes.length + 1)
    let fate: ReturnType<Hearer['hear']> = 'nothing yet'
    try {
      for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
        for (const event of decoder.push(piece)) fate = this.take(heard(event))
      }
      return fate
    } catch (error) {
      if (error instanceof RangeError && !/stack/.test(error.message)) return 'refused'
      throw error
    }
  }

  /** Nothing that was said is known any more. */
  forget(): void {
    this.state = this.begun()
  }

  private take(event: WorkerEvent): 'heard' | 'damaged' {
    const now = T0 + SECONDS * 1000
    if (event.type === 'hooked' || event.type === 'returned') return 'heard'
    if (event.type === 'fault') {
      this.state = reduce(this.state, { type: 'fault', ...OF, fault: event }, now)
      return 'heard'
    }
    if (event.type !== 'frame') {
      this.state = reduce(this.state, { ...event, ...OF }, now)
      return 'heard'
    }
    const frame = unpacked(event.packed)
    if (frame === null) return 'damaged'
    heardHead(frame, OF, SECONDS)
    this.state = reduce(this.state, { type: 'frame', slice: 0, bytes: frame }, now)
    return 'heard'
  }

  private begun(): RunState {
    const launched = reduce(
      begin(planOf([constant(5, SECONDS)], 1, 7), T0 - 2_000),
      { type: 'launched', slices: [0], attempt: 1 },
      T0,
    )
    return reduce(launched, { type: 'go', t0: T0 }, T0)
  }
}
