/** What the person at the terminal has chosen to see, and the reducer over what is pressed. Pure: what is to be done comes back as an order. */
import type { Steering } from '../plan/epochs.ts'
import type { Seconds } from '../units.ts'
import { type Act, type Ask, type Key, keyOf, type Mode, notices, TABS, type Tab } from './keys.ts'

const SHOWS = ['both', 'response', 'service'] as const
export type Show = (typeof SHOWS)[number]
const SPANS: readonly Seconds[] = [1, 5, 10, 30, 60, 120, 300]
/** Scales go in tenths of what the script says. */
const TENTHS = { least: 1, most: 100 }

/** `cursor`: the row that is chosen. `span`: seconds that "now" means. */
export type Ui = {
  tab: Tab
  cursor: number
  expanded: boolean
  filter: string
  filtering: boolean
  /** The how-manieth of a table's sortings. */
  sort: number
  frozen: boolean
  span: Seconds
  show: Show
  help: boolean
  ask: Ask | null
  notice: string | null
}

/**
 * `rows`: of the table that is shown, null without one. `stopping`: whether the run has been told to end. `paused`, and `scale` of the
 * script's arrival rates: how it is steered.
 */
export type Situation = { mode: Mode; stopping: boolean; rows: number | null; paused: boolean; scale: number }

/** What can be done to a record that is played: seconds to go, or how fast. */
export type Play = { kind: 'hold' } | { kind: 'faster' } | { kind: 'slower' } | { kind: 'seek'; by: Seconds }

export type Order =
  | { kind: 'play'; act: Play }
  | { kind: 'stop' }
  | { kind: 'leave' }
  | { kind: 'detach' }
  | { kind: 'snapshot' }
  | { kind: 'steer'; act: Steering }
type Done = { ui: Ui; order: Order | null }

export const firstUi: Ui = {
  ...{ tab: 'overview', cursor: 0, expanded: false, filter: '', filtering: false, sort: 0, frozen: false },
  ...{ span: 10, show: 'both', help: false, ask: null, notice: null },
}

/** After a press, by its name in the key table or as the sign that it types. */
export function pressed(before: Ui, press: string, situation: Situation): Done {
  const ui = { ...before, notice: null }
  if (press === 'ctrl-c') return isOwn(situation) ? stop({ ...ui, ask: null }, situation) : leave(ui)
  if (ui.ask !== null) return answered(ui, ui.ask, press, situation)
  if (ui.filtering) return { ui: typed(ui, press), order: null }
  const key = keyOf(press, situation.mode)
  if (key === null) return { ui, order: null }
  if (key.only === 'steered' && situation.mode === 'run') return { ui: { ...ui, notice: notices.fixed }, order: null }
  return ordering(ui, key, situation) ?? { ui: looking(ui, key.act, press, situation), order: null }
}

/** What reaches beyond the screen; null for every other act. */
function ordering(ui: Ui, { act }: Key, situation: Situation): Done | null {
  const asking = (ask: Ask): Done => ({ ui: { ...ui, ask }, order: null })
  switch (act) {
    case 'pause':
      return steered(ui, { kind: situation.paused ? 'resume' : 'pause' })
    case 'more-load':
      return asking({ kind: 'scale', scale: scaled(situation.scale, 1) })
    case 'less-load':
      return asking({ kind: 'scale', scale: scaled(situation.scale, -1) })
    case 'end-phase':
      return asking({ kind: 'end-phase' })
    case 'stop':
      return situation.stopping ? stop(ui, situation) : asking({ kind: 'stop' })
    case 'detach':
      return asking({ kind: 'detach' })
    case 'quit':
      return isOwn(situation) ? asking({ kind: 'quit' }) : leave(ui)
    case 'snapshot':
      return { ui, order: { kind: 'snapshot' } }
    default:
      return PLAYS[act] === undefined ? null : { ui, order: { kind: 'play', act: PLAYS[act] } }
  }
}

const PLAYS: Partial<Record<Act, Play>> = {
  hold: { kind: 'hold' },
  faster: { kind: 'faster' },
  slower: { kind: 'slower' },
  'back-a-bit': { kind: 'seek', by: -10 },
  'on-a-bit': { kind: 'seek', by: 10 },
  'back-a-minute': { kind: 'seek', by: -60 },
  'on-a-minute': { kind: 'seek', by: 60 },
}

function looking(ui: Ui, act: Act, press: string, { rows }: Situation): Ui {
  switch (act) {
    case 'tab':
      return onTab(ui, Number(press) - 1)
    case 'next-tab':
      return onTab(ui, TABS.indexOf(ui.tab) + 1)
    case 'previous-tab':
      return onTab(ui, TABS.indexOf(ui.tab) - 1)
    case 'back':
      return { ...ui, help: false, expanded: false, filter: '' }
    case 'freeze':
      return { ...ui, frozen: !ui.frozen }
    case 'shorter':
      return { ...ui, span: SPANS.findLast((span) => span < ui.span) ?? ui.span }
    case 'longer':
      return { ...ui, span: SPANS.find((span) => span > ui.span) ?? ui.span }
    case 'show':
      return { ...ui, show: SHOWS[(SHOWS.indexOf(ui.show) + 1) % SHOWS.length] as Show }
    case 'help':
      return { ...ui, help: !ui.help }
    default:
      return rows === null ? ui : inTable(ui, act, rows)
  }
}

function inTable(ui: Ui, act: Act, rows: number): Ui {
  switch (act) {
    case 'up':
      return { ...ui, cursor: Math.max(0, Math.min(ui.cursor, rows - 1) - 1) }
    case 'down':
      return { ...ui, cursor: Math.max(0, Math.min(ui.cursor + 1, rows - 1)) }
    case 'expand':
      return { ...ui, expanded: !ui.expanded }
    case 'filter':
      return { ...ui, filtering: true, help: false, cursor: 0 }
    case 'sort':
      return { ...ui, sort: ui.sort + 1, cursor: 0 }
    default:
      return ui
  }
}

const onTab = (ui: Ui, index: number): Ui => ({
  ...ui,
  tab: TABS[(index + TABS.length) % TABS.length] as Tab,
  ...{ cursor: 0, expanded: false, filter: '', sort: 0, help: false },
})

function typed(ui: Ui, press: string): Ui {
  if (press === 'enter') return { ...ui, filtering: false }
  if (press === 'escape') return { ...ui, filtering: false, filter: '' }
  if (press === 'backspace') return { ...ui, filter: [...ui.filter].slice(0, -1).join('') }
  return [...press].length === 1 ? { ...ui, filter: ui.filter + press } : ui
}

function answered(ui: Ui, ask: Ask, press: string, situation: Situation): Done {
  const closed = { ...ui, ask: null }
  const act = keyOf(press, situation.mode)?.act
  const yes = press === 'enter' || press === 'y'
  if (press === 'escape' || (press === 'n' && ask.kind !== 'end-phase')) return { ui: closed, order: null }
  switch (ask.kind) {
    case 'stop':
      return yes || act === 'stop' ? stop(closed, situation) : { ui, order: null }
    case 'detach':
      return yes || act === 'detach' ? { ui: closed, order: { kind: 'detach' } } : { ui, order: null }
    case 'quit':
      if (press === 's') return stop(closed, situation)
      return press === 'l' || press === 'q' ? { ui: closed, order: { kind: 'leave' } } : { ui, order: null }
    case 'end-phase':
      return yes || act === 'end-phase' ? steered(closed, { kind: 'end-phase' }) : { ui, order: null }
    case 'scale': {
      if (yes) return steered(closed, { kind: 'scale', scale: ask.scale })
      const step = { 'more-load': 1, 'less-load': -1 }[act as 'more-load' | 'less-load']
      return { ui: step === undefined ? ui : { ...ui, ask: { ...ask, scale: scaled(ask.scale, step) } }, order: null }
    }
  }
}

/** Whether this very process leads the run. */
const isOwn = ({ mode }: Situation): boolean => mode === 'run' || mode === 'steered'

const leave = (ui: Ui): Done => ({ ui: { ...ui, ask: null }, order: { kind: 'leave' } })

const steered = (ui: Ui, act: Steering): Done => ({ ui, order: { kind: 'steer', act } })

/** Once gracefully, twice at once: whoever hears of it counts. */
const stop = (ui: Ui, situation: Situation): Done => ({
  ui: { ...ui, notice: situation.stopping ? notices.now : isOwn(situation) ? notices.stopping : notices.asked },
  order: { kind: 'stop' },
})

const scaled = (scale: number, tenths: number): number =>
  Math.min(TENTHS.most, Math.max(TENTHS.least, Math.round(scale * 10) + tenths)) / 10
