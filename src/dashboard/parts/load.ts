/** What is asked for, what is sent and what comes back, now; and whether every arrival is accounted for. */
import { balances, type Ledger } from '../../measure/ledger.ts'
import { rate } from '../../plan/profile.ts'
import type { Second } from '../../run/recent.ts'
import { ledgerOf } from '../../run/state.ts'
import { columnsOf, spark } from '../charts.ts'
import { eachColumn, type Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { cell, type Line, line, type Tone } from '../line.ts'
import { int, percent, perSecond } from '../numbers.ts'

type Means = Record<'launched' | 'requests' | 'responses' | 'errors', number>

const errorsOf = ({ errors }: Second): number => [...errors.values()].reduce((sum, count) => sum + count, 0)

/** The last `span` seconds that are over. */
export const spanOf = ({ state, ui }: Input): readonly Second[] => state.recent.seconds.slice(-ui.span)

/** Means over the span, a second. */
export function meansOf(input: Input): Means {
  const seconds = spanOf(input)
  const mean = (of: (second: Second) => number): number =>
    seconds.reduce((sum, second) => sum + of(second), 0) / Math.max(1, seconds.length)
  return {
    launched: mean(({ launched }) => launched),
    requests: mean(({ requests }) => requests),
    responses: mean(({ responses }) => responses),
    errors: mean(errorsOf),
  }
}

/** The arrival rate that is asked for now, steering and all. */
const targetRate = ({ state, stopping }: Input): number => (stopping ? 0 : rate(state.profile, Math.max(0, state.at)))

export const inFlightOf = ({ state }: Input): number => state.workers.reduce((sum, { inFlight }) => sum + inFlight, 0)

const LABEL = 10
const VALUE = 11
const ASIDE = 18

export function loadPanel(input: Input): Panel {
  const { state, marks, ui } = input
  const means = meansOf(input)
  const { seconds } = state.recent
  const row = (label: string, value: string, aside: Line, of: ((second: Second) => number) | null) => {
    return (width: number): Line => {
      const used = aside.reduce((sum, { text }) => sum + text.length, 0)
      const room = width - LABEL - VALUE - ASIDE
      const columns =
        of === null
          ? []
          : columnsOf(seconds.map(of), { first: seconds[0]?.second ?? 0, each: eachColumn(input), width: room })
      const curve = spark(columns, Math.max(...columns, 0), marks.bars)
      const told = [cell(value.padStart(VALUE)), ...aside, cell(' '.repeat(Math.max(0, ASIDE - used)))]
      return [cell(label.padEnd(LABEL), 'faint'), ...told, cell(curve, 'good')]
    }
  }
  const share = means.errors / Math.max(1e-9, means.launched)
  const rows = [
    row(
      'arrivals',
      perSecond(means.launched),
      line(`  of ${perSecond(targetRate(input))}`),
      ({ launched }) => launched,
    ),
    row('requests', perSecond(means.requests), [], ({ requests }) => requests),
    row('answered', perSecond(means.responses), [], ({ responses }) => responses),
    row(
      'errors',
      perSecond(means.errors),
      means.errors > 0 ? line(`  ${percent(Math.min(1, share))} of users`, 'bad') : [],
      errorsOf,
    ),
    row('in flight', int(inFlightOf(input)), line('  virtual users'), null),
    (width: number): Line => ledgerLine(input, width),
  ]
  const aside = seconds.length === 0 ? [] : line(`mean of ${ui.span} s`, 'faint')
  return {
    ...{ title: 'Load', aside, least: 4, wants: rows.length },
    lines: (width, height) => {
      // The ledger is the last to go.
      const kept = height < rows.length ? [...rows.slice(0, height - 1), rows.at(-1) as (typeof rows)[number]] : rows
      return kept.map((draw) => draw(width))
    },
  }
}

/** Arrivals that are still to come, and virtual users that are at work: what a ledger needs to balance before its end. */
export function openOf(ledger: Ledger): { toCome: number; atWork: number } {
  return {
    toCome: ledger.due - ledger.launched - ledger.skipped - ledger.lost,
    atWork: ledger.launched - ledger.completed - ledger.failed - ledger.unfinished,
  }
}

/** Whether the ledger balances, or still can. */
export function ledgerWord(input: Input): { word: string; mark: string; tone: Tone } {
  const { marks, state } = input
  const ledger = ledgerOf(state)
  const { toCome, atWork } = openOf(ledger)
  const balanced = state.stage === 'over' ? balances(ledger) : toCome >= 0 && atWork >= 0
  return balanced
    ? { word: 'balanced', mark: marks.holds, tone: 'good' }
    : { word: 'NOT BALANCED', mark: marks.fails, tone: 'bad' }
}

function ledgerLine(input: Input, width: number): Line {
  const ledger = ledgerOf(input.state)
  const { toCome } = openOf(ledger)
  const { word, mark, tone } = ledgerWord(input)
  const parts = [
    `${int(ledger.launched)} of ${int(ledger.due)} launched`,
    `${int(ledger.skipped)} skipped`,
    `${int(ledger.lost)} lost`,
    `${int(toCome)} to come`,
  ]
  const line = [cell('ledger'.padEnd(LABEL), 'faint'), cell(`${mark} ${word}  `, tone)]
  let room = width - LABEL - word.length - 4
  const kept = parts.filter((part) => {
    room -= part.length + input.marks.dot.length
    return room >= -input.marks.dot.length
  })
  return [...line, cell(kept.join(input.marks.dot))]
}
