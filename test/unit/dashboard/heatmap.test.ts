import { describe, expect, it } from 'vitest'
import { textOf } from '../../../src/dashboard/line.ts'
import { ascii } from '../../../src/dashboard/marks.ts'
import { heatmapPanel } from '../../../src/dashboard/parts/heatmap.ts'
import type { Ui } from '../../../src/dashboard/ui.ts'
import { Totals } from '../../../src/measure/merge.ts'
import { Recent } from '../../../src/run/recent.ts'
import { frameBytes } from '../../support/arbitraries.ts'
import { eventful, inputOf } from '../../support/screens.ts'

/** The heatmap of seconds with those response times, in ms; service times are half of them. */
function heat(seconds: readonly (readonly number[])[], ui: Partial<Ui> = {}): string[] {
  const recent = new Recent([])
  for (const [second, times] of seconds.entries()) {
    const response = times.map((ms) => ms * 1000)
    const service = response.map((micros) => micros / 2)
    new Totals().add(
      frameBytes({ second, samples: { 'response{phase=0}': response, 'service{phase=0}': service } }),
      recent.of(second),
    )
  }
  recent.close(
    seconds.length,
    () => true,
    () => {},
  )
  const input = inputOf({ ...eventful, recent }, { ui, marks: ascii })
  return heatmapPanel(input)
    .lines(28, 6)
    .map((line) => textOf(line).trimEnd())
}

describe('the heatmap', () => {
  it('has time to the right and latency upwards, the denser the more', () =>
    expect(heat([[1, 1, 1, 100], [1], [], [100]])).toEqual([
      '  55.1 |+  +',
      '  19.5 |',
      '  6.89 |',
      '  2.44 |',
      '  0.86 |#+',
      '    ms  0:04',
    ]))

  it('shows service time when that is asked for', () =>
    expect(heat([[2, 2]], { show: 'service' })[0]).toMatch(/^ {2}0\.86 \|#/))

  it('has several seconds in a column when the span is long', () => {
    const minute = Array.from({ length: 60 }, () => [5])
    expect(heat(minute, { span: 60 })[0]?.split('|')[1]).toBe('##########')
    expect(heat(minute).at(-1)?.trim()).toBe('ms  0:40            1:00')
  })

  it('says so when there is nothing', () => expect(heat([[], []])).toEqual(['no answer yet']))
})
