/** The plan that the run follows, and its ledger. */
import { addLedgers } from '../../measure/ledger.ts'
import type { Piece } from '../../plan/profile.ts'
import { epochText } from '../../report/advice.ts'
import { ledgerOf } from '../../run/state.ts'
import type { Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { cell, type Line, line } from '../line.ts'
import { clock, int } from '../numbers.ts'
import { ledgerWord, openOf } from './load.ts'
import { type Column, tableLines } from './table.ts'

export const planTab = (input: Input): Panel[] => [
  ledgerPanel(input),
  ...(input.state.epochs.length > 0 ? [steeringPanel(input)] : []),
  phasesPanel(input),
  windowsPanel(input),
]

function steeringPanel({ state: { epochs, plan } }: Input): Panel {
  const lines = epochs.map(
    (epoch): Line => [cell(`${clock(epoch.at).padStart(6)}  `, 'faint'), cell(`load ${epochText(epoch)}`)],
  )
  return {
    ...{
      title: 'Steering',
      aside: line(`${int(plan.arrivals)} arrivals were planned`, 'faint'),
      least: 1,
      wants: lines.length,
    },
    lines: (_width, height) => lines.slice(-height),
  }
}

function ledgerPanel(input: Input): Panel {
  const ledger = ledgerOf(input.state)
  const { toCome, atWork } = openOf(ledger)
  const { word, mark, tone } = ledgerWord(input)
  const sum = (label: string, total: number, parts: readonly [string, number][]): Line => [
    cell(label.padEnd(9), 'faint'),
    cell(`${int(total).padStart(9)} = `),
    cell(parts.map(([name, n]) => `${int(n)} ${name}`).join(' + ')),
  ]
  const open = input.state.stage !== 'over'
  const lines = [
    sum('due', ledger.due, [
      ['launched', ledger.launched],
      ['skipped', ledger.skipped],
      ['lost', ledger.lost],
      ...(open ? [['to come', toCome] as [string, number]] : []),
    ]),
    sum('launched', ledger.launched, [
      ['completed', ledger.completed],
      ['failed', ledger.failed],
      ['unfinished', ledger.unfinished],
      ...(open ? [['at work', atWork] as [string, number]] : []),
    ]),
  ]
  return {
    ...{ title: 'Ledger', aside: line(`${mark} ${word}`, tone), least: 2, wants: 2 },
    lines: () => lines,
  }
}

function phasesPanel({ about, state, marks }: Input): Panel {
  const { profile, arrivals, seed } = state.plan
  const rate = (piece: Piece): string => {
    const { startRate, endRate, draws } = piece.curve
    const means = startRate === endRate ? tidy(startRate) : `${tidy(startRate)} ${marks.to} ${tidy(endRate)}`
    return draws === null ? `${means}/s` : `${means}/s poisson`
  }
  const columns: Column<Piece>[] = [
    {
      head: 'phase',
      takes: true,
      text: ({ name, phase }) => `${name}${about.warmUp.includes(phase) ? ' (warm-up)' : ''}`,
    },
    { head: 'from', text: ({ from }) => clock(from) },
    { head: 'for', text: ({ duration }) => clock(duration) },
    { head: 'arrival rate', text: rate },
    { head: 'arrivals', text: ({ arrivals }) => int(arrivals) },
    { head: 'at most', text: ({ maxVusers }) => (maxVusers === null ? '' : `${int(maxVusers)} users`) },
  ]
  const { pieces } = profile
  const now = state.stage === 'warming' ? null : pieces.findLastIndex(({ from }) => from <= state.at)
  return {
    ...{ title: 'Phases', aside: line(`${int(arrivals)} arrivals, seed ${seed}`, 'faint') },
    ...{ least: 2, wants: 1 + pieces.length },
    lines: (width, height) => tableLines(columns, pieces, { width, height, cursor: now === -1 ? null : now, marks }),
  }
}

const tidy = (n: number): string => String(Math.round(n * 100) / 100)

type Row = { from: number; to: number; workers: number; launched: number; due: number }

/** Windows of the workers' lives, and what came of each. */
function windowsPanel({ state, marks }: Input): Panel {
  const { windows } = state.plan
  let next = 0
  const rows = windows.map(({ from, to, workers }): Row => {
    const { launched, due } = addLedgers(state.workers.slice(next, next + workers).map(({ ledger }) => ledger))
    next += workers
    return { from, to, workers, launched, due }
  })
  const columns: Column<Row>[] = [
    { head: 'window', takes: true, text: ({ from, to }) => `${clock(from)} ${marks.to} ${clock(to)}` },
    { head: 'workers', text: ({ workers }) => int(workers) },
    { head: 'launched', text: ({ launched }) => int(launched) },
    { head: 'due', text: ({ due }) => int(due) },
  ]
  return {
    ...{ title: 'Windows', aside: [], least: 2, wants: 1 + rows.length },
    lines: (width, height) => tableLines(columns, rows, { width, height, cursor: null, marks }),
  }
}
