import { describe, expect, it } from 'vitest'
import { readHead } from '../../../src/measure/frame.ts'
import { Histogram } from '../../../src/measure/histogram.ts'
import { Totals } from '../../../src/measure/merge.ts'
import { latency } from '../../../src/measure/summary.ts'
import { addUp, Recent } from '../../../src/run/recent.ts'
import { type FrameSketch, frameBytes } from '../../support/arbitraries.ts'

/** Adds frames as the reducer does. */
function add(recent: Recent, ...sketches: FrameSketch[]): void {
  for (const sketch of sketches) {
    const bytes = frameBytes(sketch)
    new Totals().add(bytes, recent.of(readHead(bytes).second))
  }
}
const nothing = (): void => {}
const unheard = (): boolean => false
const inPhase = (second: number, requests: number, samples: number[] = []): FrameSketch => ({
  ...{ second, counters: { launched: requests, 'requests{phase=0}': requests, 'responses{phase=0}': requests } },
  samples: { 'response{phase=0}': samples, 'service{phase=0}': samples },
})

describe('the recent seconds', () => {
  it('are there half a second after they are over', () => {
    const recent = new Recent([])
    add(recent, inPhase(0, 3))
    expect(recent.close(1.4, unheard, nothing)).toBe(0)
    expect(recent.close(1.5, unheard, nothing)).toBe(1)
    expect(recent.seconds).toMatchObject([{ second: 0, launched: 3, requests: 3, responses: 3 }])
  })

  it('are there as soon as they are over when all frames have come, and not before', () => {
    const recent = new Recent([])
    add(recent, inPhase(0, 3), inPhase(1, 1))
    expect(recent.close(0.9, () => true, nothing)).toBe(0)
    expect(recent.close(2.1, (second) => second < 1, nothing)).toBe(1)
  })

  it('add up what several workers and phases did, warm-up and all', () => {
    const recent = new Recent([])
    add(recent, inPhase(0, 3), { second: 0, counters: { 'requests{phase=1}': 4, requests: 4 } })
    recent.close(2, unheard, nothing)
    expect(recent.seconds[0]?.requests).toBe(7)
  })

  it('have no gaps: one of which nothing was heard is empty', () => {
    const recent = new Recent([])
    add(recent, inPhase(0, 1), inPhase(2, 1))
    expect(recent.close(3.6, unheard, nothing)).toBe(3)
    expect(recent.seconds.map(({ second, launched }) => [second, launched])).toEqual([
      [0, 1],
      [1, 0],
      [2, 1],
    ])
  })

  it('count what comes too late in the next, so that the sums stay right', () => {
    const recent = new Recent([])
    recent.close(2, unheard, nothing)
    add(recent, inPhase(0, 5), inPhase(1, 2))
    recent.close(3, unheard, nothing)
    expect(recent.seconds.map(({ launched }) => launched)).toEqual([0, 7])
  })

  it('begin with what was sent before T0', () => {
    const recent = new Recent([])
    add(recent, inPhase(-1, 2))
    recent.close(2, unheard, nothing)
    expect(recent.seconds[0]?.launched).toBe(2)
  })

  it('are five minutes and no more', () => {
    const recent = new Recent([])
    recent.close(1_000, unheard, nothing)
    expect(recent.seconds.length).toBe(300)
    expect(recent.seconds.at(-1)?.second).toBe(998)
  })

  it('tell errors and endpoints apart, so many of them', () => {
    const recent = new Recent([])
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`requests{endpoint=GET /${i}}`, 1]))
    add(recent, { second: 0, counters: { ...many, 'errors{error=ETIMEDOUT}': 2 } })
    recent.close(2, unheard, nothing)
    expect(recent.seconds[0]?.errors).toEqual(new Map([['ETIMEDOUT', 2]]))
    expect(recent.seconds[0]?.requestsOf.size).toBe(200)
  })

  it('show each second whole, with the histograms that are wanted, before it is packed', () => {
    const recent = new Recent(['response'])
    add(recent, { second: 0, counters: { requests: 2 }, samples: { response: [1_000, 2_000], service: [5] } })
    const shown: unknown[] = []
    recent.close(2, unheard, (totals, second) => {
      shown.push([
        second,
        totals.counter('requests'),
        totals.histogram('response').count,
        totals.histograms.has('service'),
      ])
    })
    expect(shown).toEqual([[0, 2, 2, false]])
  })

  it('give their latencies again, to the bit', () => {
    const recent = new Recent([])
    const whole = new Histogram()
    for (const [second, samples] of [[100, 2_000, 30_000], [400, 400], [9_000_000]].entries()) {
      add(recent, inPhase(second, 1, samples))
      for (const sample of samples) whole.record(sample)
    }
    recent.close(10, unheard, nothing)
    expect(latency(addUp(recent.seconds, 'response', new Histogram()))).toEqual(latency(whole))
  })
})
