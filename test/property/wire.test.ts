/** What workers say crosses the process boundary whole, however the stream is cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyLedger } from '../../src/measure/ledger.ts'
import { EventDecoder, encodeEvent, type WorkerEvent } from '../../src/wire/events.ts'
import { amend, firstOrders } from '../../src/wire/orders.ts'
import { holds } from '../support/property.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const place = fc.option(fc.record({ file: text, line: fc.nat(), column: fc.nat() }))
const events: fc.Arbitrary<WorkerEvent> = fc.oneof(
  fc.constant({ type: 'ready', at: 0 } as const),
  fc.record({ type: fc.constant('frame' as const), packed: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({
    type: fc.constant('done' as const),
    ledger: fc.record({ due: fc.maxSafeNat(), lost: fc.nat() }).map((some) => ({ ...emptyLedger(), ...some })),
    frames: fc.nat(),
  }),
  fc.record({
    type: fc.constant('fault' as const),
    code: fc.constantFrom('script' as const, 'late' as const, 'worker' as const),
    message: text,
    at: place,
  }),
)

/** The stream in pieces, cut at the given shares of its length. */
function pieces(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts.map((share) => Math.floor(share * stream.length)).toSorted((a, b) => a - b), stream.length]
  return edges.slice(1).map((to, i) => stream.slice(edges[i], to))
}

describe('events', () => {
  const streams = fc.record({
    said: fc.array(events, { maxLength: 8 }),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
  })
  const streamOf = (said: readonly WorkerEvent[]): Uint8Array => new Uint8Array(Buffer.concat(said.map(encodeEvent)))

  it('arrive as they were said, in their order, wherever the stream is cut', () => {
    holds(streams, ({ said, cuts }) => {
      const decoder = new EventDecoder()
      expect(pieces(streamOf(said), cuts).flatMap((piece) => decoder.push(piece))).toEqual(said)
    })
  })

  it('arrive when they come byte by byte', () => {
    holds(
      fc.array(events, { maxLength: 3 }),
      (said) => {
        const decoder = new EventDecoder()
        expect([...streamOf(said)].flatMap((byte) => decoder.push(Uint8Array.of(byte)))).toEqual(said)
      },
      { runs: 200 },
    )
  })

  it('before the cut arrive from a stream that ends in the middle', () => {
    holds(streams, ({ said, cuts }) => {
      const whole = streamOf(said)
      const kept = Math.floor((cuts[0] ?? 0.5) * whole.length)
      let length = 0
      const complete = said.filter((event) => {
        length += encodeEvent(event).length
        return length <= kept
      })
      expect(new EventDecoder().push(whole.slice(0, kept))).toEqual(complete)
    })
  })
})

describe('orders', () => {
  it('rise in version with every change, and a stop only becomes harder', () => {
    const change = fc.record(
      { t0: fc.nat(), lease: fc.nat(), stop: fc.constantFrom('drain' as const, 'now' as const, null) },
      { requiredKeys: [] },
    )
    const hardness = [null, 'drain', 'now']
    holds(fc.array(change, { maxLength: 20 }), (changes) => {
      let orders = firstOrders(0)
      for (const each of changes) {
        const next = amend(orders, each)
        expect(next.version).toBe(orders.version + 1)
        expect(hardness.indexOf(next.stop)).toBeGreaterThanOrEqual(hardness.indexOf(orders.stop))
        orders = next
      }
    })
  })
})
