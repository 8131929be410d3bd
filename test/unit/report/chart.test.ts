import { expect, it } from 'vitest'
import { chart } from '../../../src/report/chart.ts'

it.each([
  ['a ramp', [0, 1, 2, 3, 4, 5, 6, 7, 8], 1, [' ▁▂▃▄▅▆▇█']],
  ['two rows', [0, 4, 8, 12, 16], 2, ['   ▄█', ' ▄███']],
  ['something small is still seen', [0, 0.001, 16], 2, ['  █', ' ▁█']],
  ['nothing', [0, 0], 1, ['  ']],
])('%s', (_, heights, rows, lines) => {
  expect(chart(heights, rows)).toEqual(lines)
})
