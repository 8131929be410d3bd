/** What has happened, the newest first. */
import { happeningText } from '../../report/advice.ts'
import type { Happening } from '../../run/happenings.ts'
import type { Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { cell, type Line, line, type Tone } from '../line.ts'
import { clock } from '../numbers.ts'
import { tableLines } from './table.ts'

function toneOf(happening: Happening): Tone {
  if (happening.kind === 'workers') return happening.now === 'ok' ? 'good' : 'warn'
  if (happening.kind === 'threshold') return happening.ok ? 'good' : 'bad'
  return happening.kind === 'phase' || happening.kind === 'over' ? 'plain' : 'bad'
}

export const eventRows = ({ state, ui }: Input): Happening[] =>
  state.log.filter((happening) => happeningText(happening).toLowerCase().includes(ui.filter.toLowerCase())).toReversed()

const nothing: Line = line('nothing yet', 'faint')

export function eventsPanel(input: Input): Panel {
  const rows = eventRows({ ...input, ui: { ...input.ui, filter: '' } })
  return {
    ...{ title: 'Events', aside: [], least: 2, wants: Math.max(2, rows.length) },
    lines: (_, height) =>
      rows.length === 0
        ? [nothing]
        : rows
            .slice(0, height)
            .map((row) => [cell(`${clock(row.at).padStart(6)}  `, 'faint'), cell(happeningText(row), toneOf(row))]),
  }
}

export function eventsTab(input: Input): Panel[] {
  const { marks, ui } = input
  const rows = eventRows(input)
  const columns = [
    { head: 'at', left: true as const, text: ({ at }: Happening) => clock(at) },
    { head: 'what', takes: true as const, text: happeningText, tone: toneOf },
  ]
  return [
    {
      ...{ title: 'Events', aside: line('the newest first', 'faint'), least: 2, wants: rows.length + 1 },
      lines: (width, height) =>
        rows.length === 0 ? [nothing] : tableLines(columns, rows, { width, height, cursor: ui.cursor, marks }),
    },
  ]
}
