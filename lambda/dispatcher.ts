/**
 * Starts every arrival of a slice when it is due, or as soon after as the process can. It never chains one timer to
 * the next: each tick looks at the clock and starts all that is due by then, so lateness cannot accumulate, and an
 * overloaded worker launches everything, late, and knows how late.
 */
import { dueIn, owned, pieceOf } from '../src/plan/arrivals.ts'
import type { Profile } from '../src/plan/profile.ts'
import { type Slice, share } from '../src/plan/slices.ts'
import { type ArrivalIndex, type Micros, toMicros } from '../src/units.ts'
import type { Clock } from './clock.ts'

/** `due` and `started` are on the worker's steady clock. */
export type Arrival = { k: ArrivalIndex; phase: number; due: Micros; started: Micros }

export type Job = {
  profile: Profile
  slice: Slice
  t0: Micros
  clock: Clock
  launch: (arrival: Arrival) => void
  skip: (arrival: Arrival) => void
  /** How many virtual users are at work now: held against the phase's maxVusers. */
  inFlight: () => number
  /** Resolves when it is known whether to go on: by then `stop` was called, or not. */
  confirm: () => Promise<void>
}

/** A tick that starts arrivals for longer lets sockets be served first: 8 ms is under the lateness that is flagged. */
const BURST: Micros = 8_000
/** Longest sleep: a stop is noticed within it. */
const LONGEST_SLEEP = 50
/**
 * A process that stood still for so long may have been given up meanwhile, and what fell due be another's: it asks before it starts
 * that. Shorter than the silence after which workers are given up (src/run/silence.ts).
 */
const FROZEN: Micros = 2_000_000

export class Dispatcher {
  private job: Job
  private stopped = false
  private next: ArrivalIndex
  private end: ArrivalIndex
  private readonly step: number
  private held = false
  private lookedAt: Micros

  constructor(job: Job) {
    this.job = job
    this.lookedAt = job.clock.now()
    const { first, end, step } = owned(job.profile, job.slice)
    this.next = first
    this.end = end
    this.step = step
  }

  /**
   * Goes on by another profile, of which everything before now is the same; `held` while it stands still, and more may come after its
   * end. Who was started is not started again: arrivals keep their numbers.
   */
  steer({ profile, slice, held }: { profile: Profile; slice: Slice; held: boolean }): void {
    this.job = { ...this.job, profile, slice }
    this.end = owned(profile, slice).end
    this.held = held
  }

  /** Starts nothing more; `run` resolves. */
  stop(): void {
    this.stopped = true
  }

  /** Resolves when the window is over and every arrival in it has been launched or skipped, or `stop` was called. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      const tick = (): void => {
        try {
          const wait = this.startDue()
          if (wait === 'frozen') this.thaw().then(tick, reject)
          else if (wait === null) resolve()
          else if (wait === 0) setImmediate(tick)
          else setTimeout(tick, wait)
        } catch (error) {
          reject(error)
        }
      }
      tick()
    })
  }

  private async thaw(): Promise<void> {
    await this.job.confirm()
    this.lookedAt = this.job.clock.now()
  }

  /** Starts all that is due: milliseconds until the next look, 0 when more is due already, null at the end. */
  private startDue(): number | null | 'frozen' {
    const { profile, slice, t0, clock, launch, skip, inFlight } = this.job
    const entered = clock.now()
    let now = entered
    while (!this.stopped && this.next < this.end) {
      if (now - this.lookedAt > FROZEN) return 'frozen'
      this.lookedAt = now
      const piece = pieceOf(profile, this.next)
      const moment = t0 + toMicros(dueIn(piece, this.next))
      if (moment > now) {
        // Whole milliseconds, rounded down: a timer is late by up to one anyway (0.6 ms at the median, bench/dispatch).
        return Math.min(LONGEST_SLEEP, Math.max(1, Math.floor((moment - now) / 1000)))
      }
      if (now - entered > BURST) return 0
      const { phase, maxVusers } = piece
      const arrival = { k: this.next, phase, due: moment, started: now }
      this.next += this.step
      if (maxVusers !== null && inFlight() >= share(maxVusers, slice.stripe)) skip(arrival)
      else launch(arrival)
      now = clock.now()
    }
    this.lookedAt = now
    // The load is steered to its end: it may yet be given more arrivals.
    const left = this.held ? LONGEST_SLEEP : (t0 + toMicros(slice.window.to) - now) / 1000
    return this.stopped || left <= 0 ? null : Math.min(LONGEST_SLEEP, Math.ceil(left))
  }
}
