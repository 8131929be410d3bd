import { describe, expect, it } from 'vitest'
import { foldSpans } from '../../../src/measure/series.ts'
import { frameBytes } from '../../support/arbitraries.ts'

const frame = (slice: number, second: number, launched = 1): Uint8Array =>
  frameBytes({ slice, seq: second + 1, second, counters: { launched }, samples: { response: [second + 2] } })

/** Folds into spans of so many seconds, and writes down what each was handed out with. */
function fold(
  frames: Uint8Array[],
  length: number,
): { spans: [start: number, launched: number, samples: number][]; all: number } {
  const spans: [number, number, number][] = []
  const whole = foldSpans(frames, [
    {
      startOf: (second) => (second < 0 ? -1 : Math.floor(second / length) * length),
      visit: (start, totals) => spans.push([start, totals.counter('launched'), totals.histogram('response').count]),
    },
  ])
  return { spans, all: whole.counter('launched') }
}

describe('frames folded into spans', () => {
  it('give each span once, in order, with what is in it and nothing of the one before', () => {
    const frames = [frame(0, 0), frame(1, 0), frame(0, 1), frame(1, 1, 5), frame(0, 2)]
    expect(fold(frames, 1)).toEqual({
      all: 9,
      spans: [
        [0, 2, 2],
        [1, 6, 2],
        [2, 1, 1],
      ],
    })
  })

  it('give several seconds to one span', () => {
    const frames = [0, 1, 9, 10, 19, 20].map((second) => frame(0, second))
    expect(fold(frames, 10).spans).toEqual([
      [0, 3, 3],
      [10, 2, 2],
      [20, 1, 1],
    ])
  })

  it('leave out spans without frames', () => {
    expect(fold([frame(0, 0), frame(0, 7)], 1).spans.map(([start]) => start)).toEqual([0, 7])
  })

  it('keep what came before T0 in a span of its own', () => {
    expect(fold([frame(0, -1), frame(0, 0)], 1).spans.map(([start]) => start)).toEqual([-1, 0])
  })

  it('count a doubled frame once', () => {
    expect(fold([frame(0, 0), frame(0, 0), frame(0, 1)], 1)).toMatchObject({
      all: 2,
      spans: [
        [0, 1, 1],
        [1, 1, 1],
      ],
    })
  })

  it('give nothing for nothing', () => {
    expect(fold([], 1)).toEqual({ all: 0, spans: [] })
  })

  it('serve several lengths in one pass, each in its own order', () => {
    const visits: string[] = []
    const by = (name: string, length: number) => ({
      startOf: (second: number) => Math.floor(second / length) * length,
      visit: (start: number) => visits.push(`${name}${start}`),
    })
    foldSpans(
      [0, 1, 2, 3].map((second) => frame(0, second)),
      [by('second', 1), by('pair', 2)],
    )
    expect(visits.filter((visit) => visit.startsWith('second'))).toEqual(['second0', 'second1', 'second2', 'second3'])
    expect(visits.filter((visit) => visit.startsWith('pair'))).toEqual(['pair0', 'pair2'])
  })
})
