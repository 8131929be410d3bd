/** Whether all workers have told of a second: asked at every frame, of ten thousand workers. */
import type { WorkerState } from './workers.ts'

type Telling = Pick<WorkerState, 'is'> & { condition: Pick<WorkerState['condition'], 'heardOf'> }

/** Of a worker that sends any frames. */
const hasTold = ({ is, condition: { heardOf } }: Telling, second: number): boolean =>
  (is !== 'ready' && is !== 'running') || (heardOf !== null && heardOf >= second)

export class Told {
  private second = 0
  /** All before it had told of the second when they were looked at. */
  private first = 0

  /** Looks on from the first that had not: at each worker once or twice a second, not at every frame. */
  byAll(workers: readonly Telling[], second: number): boolean {
    if (second !== this.second) this.first = 0
    this.second = second
    for (; this.first < workers.length; this.first++) {
      if (!hasTold(workers[this.first] as Telling, second)) return false
    }
    this.first = 0
    // Meanwhile one may have begun anew.
    return workers.every((worker) => hasTold(worker, second))
  }
}
