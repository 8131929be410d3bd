/** The help, from the key table. */
import type { Input } from '../input.ts'
import { keysIn } from '../keys.ts'
import type { Panel } from '../layout.ts'
import { cell, type Line, line } from '../line.ts'

/** The key table says arrows as arrows; a terminal without them reads words. */
const plainly = (shown: string): string =>
  shown.replace('…', '-').replace('→', 'right').replace('←', 'left').replace('↑', 'up').replace('↓', 'down')

export function helpPanel({ mode, marks }: Input): Panel {
  const rows = keysIn(mode).filter(({ shown }) => shown !== '')
  const steers = mode !== 'run'
  const shown = (text: string): string => (marks.rule === '-' ? plainly(text) : text)
  const fixed = line('This run cannot be steered: p + - n are not there.', 'faint')
  return {
    ...{ title: 'Keys', aside: line('? or esc closes this', 'faint'), least: 1, wants: rows.length + (steers ? 0 : 1) },
    lines: (_, height) =>
      [
        ...rows.map((key): Line => [cell(shown(key.shown).padEnd(13), 'strong'), cell(key.words)]),
        ...(steers ? [] : [fixed]),
      ].slice(0, height),
  }
}
