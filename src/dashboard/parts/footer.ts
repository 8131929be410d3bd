/** The last line: the tabs, and what can be pressed; or what is asked, said or typed. */
import { scaleOf } from '../../plan/epochs.ts'
import { rate } from '../../plan/profile.ts'
import { aheadOf } from '../../run/steer.ts'
import type { Input } from '../input.ts'
import { question, TABS } from '../keys.ts'
import { apart, cell, fitted, type Line, line, lineWidth } from '../line.ts'

const HINTS = { run: 'x stop', stopping: 'x at once', replay: 'p hold  , . seek  + - speed' }

export function footer(input: Input): Line {
  const { ui, size, marks } = input
  const prompt = promptOf(input)
  if (prompt !== null) return fitted(prompt, size.columns, marks.ellipsis)
  const hints = line(
    `${HINTS[input.mode === 'replay' ? 'replay' : input.stopping ? 'stopping' : 'run']}  ? keys  q leave `,
    'faint',
  )
  const full = tabs(input, (tab, i) => `${i + 1} ${tab}`)
  const narrow = tabs(input, (tab, i) => (tab === ui.tab ? `${i + 1} ${tab}` : String(i + 1)))
  const fits = lineWidth(full) + lineWidth(hints) < size.columns
  return apart(fits ? full : narrow, hints, size.columns, marks.ellipsis)
}

/** What has the word before anything else, or null. */
export function promptOf({ ui, state }: Input): Line | null {
  if (ui.ask !== null) {
    const profile = aheadOf(state)
    const phase = profile.pieces.findLast(({ from }) => from <= state.at)?.name ?? ''
    const scale = ui.ask.kind === 'scale' ? ui.ask.scale / scaleOf(state.epochs) : 1
    return line(` ${question(ui.ask, phase, rate(profile, Math.max(0, state.at)) * scale)}`, 'chosen')
  }
  if (ui.filtering) return [cell(' filter: ', 'strong'), cell(`${ui.filter}_`)]
  return ui.notice === null ? null : line(` ${ui.notice}`, 'warn')
}

const tabs = ({ ui }: Input, named: (tab: string, i: number) => string): Line =>
  TABS.flatMap((tab, i) => [cell(` ${named(tab, i)} `, tab === ui.tab ? 'chosen' : 'faint')])
