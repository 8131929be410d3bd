/** Which workers have said nothing for too long: given up, so that somebody else may take over. */
import type { Millis } from '../units.ts'
import type { RunState } from './state.ts'
import { hasEnded, type WorkerState, windowEnd } from './workers.ts'

/** A worker at work sends a frame each second. */
const SILENCE: Millis = 5_000
/** One that has no more to launch may wait for its plugins; one whose stream is cut is heard of in its next batch. */
const LONG_SILENCE: Millis = 30_000
/** Starting takes longer when many share few cores. */
const START_SILENCE: Millis = 120_000
/** Whoever looks each second and comes so late has stood still himself: nobody could be heard. */
const ABSENT: Millis = 2_000
/** Behind a network: when so many are silent at the same time, it is the network, or this machine. */
const MANY = 0.5

/** `unheard`: how long a worker whose stream is cut may be silent; `isCut`: who is one. `isRemote`: a network lies between. */
export type Ears = { isRemote: boolean; unheard: Millis; isCut(worker: WorkerState): boolean }

export class Silence {
  private lookedAt: Millis
  private presentSince: Millis

  constructor(now: Millis) {
    this.lookedAt = now
    this.presentSince = now
  }

  /** To be called each second. */
  look(state: RunState, now: Millis, { isRemote, unheard, isCut }: Ears): WorkerState[] {
    if (now - this.lookedAt > ABSENT) this.presentSince = now
    this.lookedAt = now
    const { t0, workers } = state
    const open = workers.filter((worker) => !hasEnded(worker) && worker.is !== 'waiting')
    // Nothing need be heard between being ready and the first frame.
    const since = ({ heardAt, attempts }: WorkerState): Millis =>
      Math.max(heardAt, t0 === null ? 0 : t0 + (attempts.at(-1)?.from ?? 0) * 1000, this.presentSince)
    const patience = (worker: WorkerState): Millis => {
      if (worker.is === 'starting' || t0 === null) return START_SILENCE
      if (isCut(worker)) return LONG_SILENCE + unheard
      return now < t0 + windowEnd(state, worker) * 1000 ? SILENCE : LONG_SILENCE
    }
    const silent = open.filter((worker) => now - since(worker) > patience(worker))
    if (!isRemote || silent.length <= MANY * open.length) return silent
    return silent.filter((worker) => now - since(worker) > LONG_SILENCE + unheard)
  }
}
