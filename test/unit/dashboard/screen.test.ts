/** Screens as they are painted, held to the pictures in test/fixtures/dashboard; `npx vitest run test/unit/dashboard -u` draws those anew. */
import { expect, it } from 'vitest'
import type { Input } from '../../../src/dashboard/input.ts'
import type { Tab } from '../../../src/dashboard/keys.ts'
import { ascii, type Depth } from '../../../src/dashboard/marks.ts'
import { paintedLine } from '../../../src/dashboard/panels/painter.ts'
import { view } from '../../../src/dashboard/view.ts'
import { runOf } from '../../support/fleet.ts'
import { eventful, inputOf } from '../../support/screens.ts'

const drawn = (input: Input, depth: Depth = 1): string =>
  view(input)
    .map((line) => paintedLine(line, depth))
    .join('\n')

const CODES = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`, 'g')
const picture = (name: string): string => `../../fixtures/dashboard/${name}.txt`
/** Weight and reversal are drawn without colours, too. */
const plain = (text: string): string => {
  const lines = text.replaceAll(CODES, '').split('\n')
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

it.each<[number, number]>([
  [40, 10],
  [60, 30],
  [80, 24],
  [116, 32],
  [120, 40],
  [200, 60],
])('the overview of %d×%d', async (columns, rows) => {
  const size = [columns, rows] as const
  await expect(plain(drawn(inputOf(eventful, { size })))).toMatchFileSnapshot(picture(`overview-${columns}x${rows}`))
  const text = plain(drawn(inputOf(eventful, { size, marks: ascii })))
  await expect(text).toMatchFileSnapshot(picture(`overview-${columns}x${rows}-ascii`))
})

it.each<Tab>(['workers', 'endpoints', 'errors', 'heatmap', 'plan', 'events'])('the tab %s', async (tab) => {
  const input = inputOf(eventful, { ui: { tab, expanded: true }, size: [100, 26] })
  await expect(plain(drawn(input))).toMatchFileSnapshot(picture(`tab-${tab}`))
})

it('the help, and a question below it', async () => {
  const input = inputOf(eventful, { ui: { help: true, ask: { kind: 'stop' } }, size: [100, 30], mode: 'steered' })
  await expect(plain(drawn(input))).toMatchFileSnapshot(picture('help'))
})

it('a thousand workers', async () => {
  const { state } = runOf({ workers: 1_000, seconds: 4, lost: { 17: 1, 500: 2 } })
  await expect(plain(drawn(inputOf(state, { size: [120, 40] })))).toMatchFileSnapshot(picture('thousand-workers'))
})

it('colours repeat what signs and words say, and there are none where none are wanted', () => {
  const input = inputOf(eventful, { size: [120, 40] })
  const codes = (depth: Depth): string[] => [
    ...new Set([...drawn(input, depth).matchAll(CODES)].map(([, code]) => code ?? '')),
  ]
  const colours = (depth: Depth): string[] => codes(depth).filter((code) => /^(3[0-8]|9)/.test(code))
  expect(colours(1)).toEqual([])
  expect(colours(4).toSorted()).toEqual(['33', '90', '94'])
  expect(colours(8).some((code) => code.startsWith('38;5;'))).toBe(true)
  expect(plain(drawn(input, 1))).toBe(plain(drawn(input, 8)))
})
