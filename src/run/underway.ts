/** Whether a run goes on, and where it is in its load, as its store tells it. */
import { isPaused, scaleOf, steer } from '../plan/epochs.ts'
import type { Millis, Seconds } from '../units.ts'
import { LEASE_RENEWAL } from '../wire/orders.ts'
import { hasLapsed, type Seen } from './kill.ts'
import type { RunHead } from './record.ts'

/** A conductor that has missed so much stands still, or is gone. */
const LED: Millis = 2 * LEASE_RENEWAL + 2_000

export type Underway = {
  head: RunHead
  is: 'starting' | 'running' | 'paused' | 'draining' | 'stopping'
  /** Of the run; null before its load begins. `duration`: of the load as it is steered by now. */
  at: Seconds | null
  duration: Seconds
  phase: string | null
  /** Of the script's arrival rates. */
  scale: number
  workers: { planned: number; atWork: number }
  /** When its conductor said last that it goes on, and whether it still does; null: it has none, and goes on by itself. */
  led: { renewedAt: Millis; isRenewed: boolean } | null
}

/** Null: it is over, or nobody can be at work any more. */
export function underway(head: RunHead, seen: Seen, now: Millis): Underway | null {
  const { orders, isOver, claimed, open } = seen
  if (orders === null || isOver || hasLapsed(seen, now)) return null
  const { t0, epochs, stop, lease } = orders
  const led = orders.led ? { renewedAt: lease, isRenewed: now - lease <= LED } : null
  const workers = open.filter((name) => !isHook(name))
  if (led?.isRenewed === false && claimed > 0 && workers.length === 0) return null
  const { plan } = head
  const at = t0 === null ? null : (now - t0) / 1000
  const begun = epochs.filter((epoch) => at !== null && epoch.at <= at)
  const { duration, pieces } = steer(plan.profile, epochs)
  const paused = isPaused(begun)
  const isDraining = at !== null && at > duration && !paused
  const running = at === null || at < 0 ? 'starting' : paused ? 'paused' : isDraining ? 'draining' : 'running'
  return {
    ...{ head, at, duration, scale: scaleOf(begun), led },
    is: stop === null ? running : 'stopping',
    phase: at === null || isDraining ? null : (pieces.findLast(({ from }) => from <= at)?.name ?? null),
    workers: { planned: plan.windows.reduce((sum, window) => sum + window.workers, 0), atWork: workers.length },
  }
}

/** Their numbers are below 0. */
const isHook = (name: string): boolean => name.startsWith('-')
