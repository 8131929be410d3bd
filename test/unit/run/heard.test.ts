/** What workers must not send, one by one: it is refused, and who has sent it is given up. */
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { packFrame } from '../../../lambda/packing.ts'
import { ByteWriter } from '../../../src/measure/bytes.ts'
import { MOST_FRAME_BYTES } from '../../../src/measure/frame.ts'
import { Totals } from '../../../src/measure/merge.ts'
import { heard, heardHead } from '../../../src/run/heard.ts'
import { unpacked } from '../../../src/run/unpack.ts'
import { EventDecoder, type WorkerEvent } from '../../../src/wire/events.ts'
import { packed } from '../../../src/wire/packing.ts'
import { frameBytes } from '../../support/arbitraries.ts'

type Written = {
  counters?: readonly [string, number][]
  histograms?: readonly { name: string; count?: number; min?: number; max?: number; sum?: number; payload?: number[] }[]
  failures?: readonly string[]
}

/** One count, of value 5. */
const OF_FIVE = [0, 1, 0, 5, 0, 0b1100_0000, 0, 0, 0]

/** A frame with whatever in it; its head is sound. */
function frameOf({ counters = [], histograms = [], failures = [] }: Written): Uint8Array {
  const out = new ByteWriter()
  const payloads = histograms.flatMap(({ payload = OF_FIVE }) => payload)
  for (const number of [4, payloads.length, 0, 1, 0]) out.unsigned(number)
  out.signed(0)
  for (let n = 0; n < 9; n++) out.unsigned(0)
  out.unsigned(counters.length)
  for (const [name, value] of counters) {
    out.text(name)
    out.signed(value)
  }
  out.unsigned(histograms.length)
  for (const { name, count = 1, min = 5, max = 5, sum = 5, payload = OF_FIVE } of histograms) {
    out.text(name)
    out.unsigned(count)
    for (const value of [min, max, sum]) out.signed(value)
    out.unsigned(payload.length)
  }
  out.unsigned(failures.length)
  for (const failure of failures) out.text(failure)
  out.raw(Uint8Array.from(payloads))
  return out.written().slice()
}

const message = (length: number, kind: number, payload: Uint8Array): Uint8Array => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(length)
  head[4] = kind
  return Buffer.concat([head, payload])
}
const json = (text: string): Uint8Array => message(text.length, 2, Buffer.from(text))

describe('a stream', () => {
  it.each([
    ['an event of 4 GB', message(2 ** 32 - 1, 1, new Uint8Array(9))],
    ['an event of no kind', message(1, 9, new Uint8Array(1))],
    ['no JSON', json('{"type":"ready"')],
    ['JSON that is no object', json('null')],
  ])('with %s is refused at once', (_, bytes) => {
    expect(() => new EventDecoder().push(bytes)).toThrow(RangeError)
  })

  it('waits for the rest of an event that may be one', () => {
    expect(new EventDecoder().push(message(16 * 2 ** 20, 1, new Uint8Array(9)))).toEqual([])
  })
})

describe('an event', () => {
  const ledger = { due: 1, launched: 1, skipped: 0, lost: 0, completed: 1, failed: 0, unfinished: 0 }
  it.each<[string, object]>([
    ['of no type', { type: 'shout' }],
    ['with a ledger that is none', { type: 'done', ledger: {}, frames: 1 }],
    ['with less than nothing in its ledger', { type: 'done', ledger: { ...ledger, lost: -1 }, frames: 1 }],
    ['with a part of an arrival', { type: 'done', ledger: { ...ledger, lost: 0.5 }, frames: 1 }],
    ['with frames beyond counting', { type: 'done', ledger, frames: 1e300 }],
    ['with a time that is none', { type: 'ready', at: null }],
    ['with a message that is none', { type: 'fault', code: 'worker', message: { toString: 1 }, at: null }],
    ['with variables that are none', { type: 'hooked', vars: [1] }],
    ['with a step that is none', { type: 'step', step: { arrival: 0 } }],
  ])('%s is refused', (_, event) => {
    expect(() => heard(event as WorkerEvent)).toThrow(RangeError)
  })

  it('brings nothing but what it says, and no commands to a terminal', () => {
    const fault = { type: 'fault', code: 'worker', message: 'a\u001b[2J\u202eb\nc', at: null, more: 1 }
    expect(heard(fault as WorkerEvent)).toEqual({
      type: 'fault',
      code: 'worker',
      message: 'a\ufffd[2J\ufffdb\nc',
      at: null,
    })
    const { vars } = heard(JSON.parse('{"type":"hooked","vars":{"__proto__":{"polluted":1},"a":1}}')) as {
      vars: object
    }
    expect(vars).toEqual({ a: 1 })
    expect(heard({ type: 'suggested', code: 'x' } as never)).toEqual({ type: 'suggested', code: 1 })
  })
})

describe('a frame', () => {
  it('of another slice, or of another time, is refused', () => {
    const bytes = frameBytes({ slice: 3, second: 100 })
    expect(heardHead(bytes, { slice: 3, attempt: 1 }, 90)).toMatchObject({ slice: 3, second: 100 })
    expect(() => heardHead(bytes, { slice: 3, attempt: 2 }, 90)).toThrow('a frame of attempt 1')
    expect(() => heardHead(bytes, { slice: 2, attempt: 1 }, 90)).toThrow('a frame of slice 3')
    expect(() => heardHead(bytes, { slice: 3, attempt: 1 }, 30)).toThrow('a frame of second 100')
    expect(() => heardHead(frameBytes({ second: -2 }), { slice: 0, attempt: 1 }, 0)).toThrow('a frame of second -2')
  })

  it('that inflates to more than any frame is damaged', () => {
    const of = (bytes: number): Uint8Array => packed(new Uint8Array(bytes), bytes, deflateSync)
    expect(unpacked(of(MOST_FRAME_BYTES + 1))).toBeNull()
    expect(unpacked(of(MOST_FRAME_BYTES))).toHaveLength(MOST_FRAME_BYTES)
  })

  it('of which a byte came otherwise than it was sent is damaged, whichever it is', () => {
    const bytes = packFrame(frameBytes({ samples: { response: [5, 5, 700, 20_000] } }))
    const sent = unpacked(bytes)
    expect(sent).not.toBeNull()
    for (let at = 0; at < bytes.length; at++) {
      const other = bytes.slice()
      other[at] = (other[at] as number) ^ 0x10
      // Where zlib's last byte is not full, its last bits say nothing.
      expect([null, sent], `byte ${at}`).toContainEqual(unpacked(other))
    }
    for (let length = 0; length < bytes.length; length++) expect(unpacked(bytes.slice(0, length))).toBeNull()
  })

  it.each<[string, Written]>([
    ['less than nothing of what only grows', { counters: [['launched', -1]] }],
    ['a name that a terminal obeys', { counters: [['requests{endpoint=\u001b[2J}', 1]] }],
    ['a name that turns a line around', { counters: [['requests{endpoint=\u202e}', 1]] }],
    ['a name without end', { counters: [['x'.repeat(1_001), 1]] }],
    ['a histogram of nothing', { histograms: [{ name: 'response', count: 0 }] }],
    ['a histogram whose least is its most', { histograms: [{ name: 'response', min: 6, max: 5 }] }],
    [
      'counts past the last bucket',
      { histograms: [{ name: 'response', payload: [0, 1, 255, 255, 0, 0b1100_0000, 0, 0, 0] }] },
    ],
    ['a failure that is no JSON', { failures: ['{'] }],
    ['a failure that is nothing', { failures: ['null'] }],
    [
      'a failure without a code',
      { failures: ['{"message":"m","scenario":"s","endpoint":null,"status":null,"arrival":1,"second":1}'] },
    ],
  ])('with %s is refused', (_, written) => {
    expect(() => new Totals().add(frameOf(written))).toThrow(RangeError)
  })

  it('with a number that has no end is refused, and not read for ever', () => {
    expect(() => new Totals().add(Uint8Array.from([4, ...Array(64).fill(128)]))).toThrow(RangeError)
  })

  it('may count downwards where the hooks of a script do', () => {
    const totals = new Totals()
    totals.add(frameOf({ counters: [['artillery:stock', -3]] }))
    expect(totals.counter('artillery:stock')).toBe(-3)
  })

  it('with 100,000 names of histograms takes no 18 GB', () => {
    const totals = new Totals()
    const histograms = Array.from({ length: 100_000 }, (_, n) => ({ name: `h${n}` }))
    const before = process.memoryUsage().rss
    expect(() => totals.add(frameOf({ histograms }))).toThrow('more names than a script has')
    expect(totals.histograms.size).toBe(4_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(1.2e9)
  })

  it('with more counters than any script has is refused before they fill the memory', () => {
    const counters = Array.from({ length: 100_001 }, (_, n): [string, number] => [`c${n}`, 1])
    const totals = new Totals()
    expect(() => totals.add(frameOf({ counters }))).toThrow('more names than a script has')
    expect(totals.counters.size).toBe(100_000)
  })

  it('whose names objects take for their own are names like any other', () => {
    const totals = new Totals()
    totals.add(
      frameOf({
        counters: [
          ['__proto__', 1],
          ['constructor', 2],
        ],
        histograms: [{ name: '__proto__' }],
      }),
    )
    expect([totals.counter('__proto__'), totals.counter('toString')]).toEqual([1, 0])
    expect(totals.histogram('__proto__').count).toBe(1)
  })
})
