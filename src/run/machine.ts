/** What a run without a conductor needs of a script, of its store and of the state machine that carries it on. */
import { detachErrors } from '../aws-errors.ts'
import type { Plan } from '../plan/plan.ts'
import type { Script } from '../scenario/script.ts'
import { documentBytes } from '../store/documents.ts'
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import {
  BATCHES,
  type BucketPlace,
  type Execution,
  itemsOf,
  type Shared,
  sharedKey,
  windowKey,
} from '../wire/detached.ts'
import type { Start } from '../wire/start.ts'

/** `begin` starts it. `function`: its workers', with the version. */
export type Machine = { function: string; begin(execution: Execution): Promise<void> }

/** How long what is still at work may take where nothing bounds it, and what clocks and the last batches take. */
const DRAIN: Millis = 60_000
export const SLACK: Millis = 10_000

export const drainIn = ({ drain }: Pick<Start, 'drain'>): Millis => (drain === null ? DRAIN : drain * 1000)

/** What only a command that stays could do. `isBegun`: the script's `before` has run. */
export function refuseLed(script: Script, isBegun: boolean): void {
  const { before, after } = script.hooks
  if (after !== null || (before !== null && !isBegun)) throw detachErrors.hooks()
  const plugins = script.extensions.filter(({ kind }) => kind === 'plugin').map(({ name }) => name)
  if (plugins.length > 0) throw detachErrors.plugins(plugins)
  if (script.thresholds.some((threshold) => threshold.kind === 'slsart' && threshold.abort)) throw detachErrors.aborts()
}

/** Lays what all starts have in common into the store. */
export async function layShared(store: Pick<Store, 'put'>, shared: Omit<Shared, 'hook' | 'batches'>): Promise<void> {
  const whole: Shared = { ...shared, hook: null, batches: BATCHES }
  await store.put(sharedKey, documentBytes(whole))
}

/** Lays the slices of the i-th window there. */
export async function layWindow(
  store: Pick<Store, 'put'>,
  i: number,
  starts: readonly Pick<Start, 'index' | 'slice'>[],
): Promise<void> {
  const slices = starts.map(({ slice }) => slice)
  await store.put(windowKey(i), documentBytes(itemsOf(slices, starts[0]?.index ?? 0)))
}

/** When the workers of the i-th window are started: the first's at once, those of later ones in time to be ready. */
export function launchOf({ windows, lifetime }: Plan, i: number, { now, t0 }: { now: Millis; t0: Millis }): Millis {
  return i === 0 ? now : t0 + (windows[i]?.from ?? 0) * 1000 - (lifetime?.startUp ?? 0) * 1000
}

/** Of an execution that starts these windows. `at`: by number, when. */
export const windowsOf = ({ bucket, prefix }: BucketPlace, at: ReadonlyMap<number, Millis>): Execution['windows'] =>
  [...at].map(([i, when]) => ({ at: new Date(when).toISOString(), bucket, key: prefix + windowKey(i) }))

/** Percent of a window's workers. */
export const toleratedBy = (quorum: number): number => Math.floor((1 - quorum) * 100 + 1e-9)
