/** What is worth telling of a run, with its second: found by comparing one state with the next. The words are in report/advice.ts. */
import type { StoppedBy } from '../measure/verdict.ts'
import type { Epoch } from '../plan/epochs.ts'
import type { Seconds } from '../units.ts'
import type { Standing } from './standing.ts'
import type { RunEvent, RunState } from './state.ts'

export type Happening = { at: Seconds } & (
  | { kind: 'phase'; name: string }
  | { kind: 'workers'; now: Standing; slices: readonly number[] }
  | { kind: 'threshold'; said: string; ok: boolean }
  | { kind: 'tripped'; said: string }
  | { kind: 'steered'; epoch: Epoch }
  | { kind: 'stopped'; by: StoppedBy; again: boolean }
  | { kind: 'fault'; slice: number; message: string }
  | { kind: 'again'; slice: number; reason: string }
  | { kind: 'joined'; slice: number; attempt: number; from: Seconds }
  | { kind: 'over' }
)

/** How many are kept. */
const KEPT = 200
/** Starting and ending are no news: only these are, and coming back from one of them. */
const TOLD: ReadonlySet<Standing> = new Set(['late', 'silent', 'lost'])

/** The log with what the event has brought; `closed`: whether a second came to its end with it. */
export function withNews(before: RunState, after: RunState, event: RunEvent, closed: boolean): RunState['log'] {
  const news = [...ofEvent(before, after, event), ...(closed ? ofSecond(before, after) : [])]
  return news.length === 0 ? before.log : [...before.log, ...news].slice(-KEPT)
}

function ofEvent(before: RunState, after: RunState, event: RunEvent): Happening[] {
  const { at } = after
  const over: Happening[] = after.stage === 'over' && before.stage !== 'over' ? [{ at, kind: 'over' }] : []
  switch (event.type) {
    case 'stop':
      return [{ at, kind: 'stopped', by: event.by, again: before.endedAt !== null }, ...over]
    case 'tripped':
      return [{ at, kind: 'tripped', said: after.thresholds.now[event.threshold]?.said ?? '' }, ...over]
    case 'steered': {
      const epoch = event.epochs.at(-1)
      return epoch ? [{ at, kind: 'steered', epoch }, ...over] : over
    }
    case 'fault':
      return [{ at, kind: 'fault', slice: event.slice, message: event.fault.message }, ...over]
    case 'gone':
      return event.again ? [{ at, kind: 'again', slice: event.slice, reason: event.reason }, ...over] : over
    case 'joined': {
      const { slice, attempt, from } = event
      return [{ at, kind: 'joined', slice, attempt, from }, ...over]
    }
    default:
      return over
  }
}

function ofSecond(before: RunState, after: RunState): Happening[] {
  const at = Math.floor(after.at)
  // Steering cuts pieces: a phase begins with the one that begins on its curve.
  const begun = after.profile.pieces.filter(({ from, into }) => into === 0 && from < at && from >= before.toldUntil)
  const phases = begun.map(({ name, from }): Happening => ({ at: from, kind: 'phase', name }))
  const groups = new Map<Standing, number[]>()
  for (const [slice, now] of after.standings.entries()) {
    const was = before.standings[slice] ?? 'waiting'
    if (now === was || !(TOLD.has(now) || (TOLD.has(was) && now === 'ok'))) continue
    groups.set(now, [...(groups.get(now) ?? []), slice])
  }
  const workers = [...groups].map(([now, slices]): Happening => ({ at, kind: 'workers', now, slices }))
  const thresholds = after.thresholds.now.flatMap(({ said, ok }, i): Happening[] => {
    const was = before.judged[i] ?? true
    return ok === null || ok === was ? [] : [{ at, kind: 'threshold', said, ok }]
  })
  return [...phases, ...workers, ...thresholds]
}
