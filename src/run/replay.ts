/** A recorded run as it was seen: its state at any moment of it. Going back begins anew, since the state's accumulators only grow. */
import type { Millis } from '../units.ts'
import { eventsOf, lastMoment } from './log.ts'
import { eventsPath, type RunHead, readableHead } from './record.ts'
import { begin, type RunEvent, type RunState, reduce } from './state.ts'

type Recorded = { now: Millis; event: RunEvent }

export class Replay {
  readonly head: RunHead
  /** From the launch to the last thing that happened. */
  readonly length: Millis
  private readonly path: string
  private state: RunState
  private events: Generator<Recorded>
  private next: IteratorResult<Recorded>
  private moment: Millis = 0

  constructor(head: RunHead, path: string) {
    this.head = head
    this.path = path
    this.length = Math.max(0, (lastMoment(path) ?? head.launchedAt) - head.launchedAt)
    this.state = begin(head.plan, head.launchedAt, head.script)
    this.events = eventsOf(path)
    this.next = this.events.next()
  }

  /** The state `moment` ms after the launch, as it was seen then. */
  at(moment: Millis): RunState {
    if (moment < this.moment) this.restart()
    this.moment = moment
    const until = this.head.launchedAt + moment
    for (; !this.next.done && this.next.value.now <= until; this.next = this.events.next()) {
      this.state = reduce(this.state, this.next.value.event, this.next.value.now)
    }
    this.state = reduce(this.state, { type: 'tick' }, until)
    return this.state
  }

  private restart(): void {
    this.events.return(undefined)
    this.state = begin(this.head.plan, this.head.launchedAt, this.head.script)
    this.events = eventsOf(this.path)
    this.next = this.events.next()
  }
}

/** Throws a UsageError when there is no such run. */
export const openReplay = async (folder: string): Promise<Replay> =>
  new Replay(await readableHead(folder), eventsPath(folder))
