import type { Ledger } from '../src/measure/ledger.ts'
import { artillery } from '../src/measure/names.ts'
import type { Clock } from './clock.ts'
import type { Arrival } from './dispatcher.ts'
import type { VuEnd } from './engines/engine.ts'
import type { Recorder } from './recorder.ts'

/** Runs one virtual user to its end, which it tells once. */
export type Launcher = (arrival: Arrival, ended: (end: VuEnd) => void) => void

/** The virtual users at work, and what became of them. */
export class Flight {
  size = 0
  private readonly ledger: Ledger
  private readonly recorder: Recorder
  private readonly clock: Clock
  private readonly warmUp: ReadonlySet<number>
  private onEmpty: (() => void) | null = null

  /** `warmUp`: the phases whose virtual users are in the ledger, and in nothing else. */
  constructor(
    ledger: Ledger,
    { recorder, clock, warmUp }: { recorder: Recorder; clock: Clock; warmUp: ReadonlySet<number> },
  ) {
    this.ledger = ledger
    this.recorder = recorder
    this.clock = clock
    this.warmUp = warmUp
  }

  launch(arrival: Arrival, launcher: Launcher): void {
    this.size++
    this.note('launched', arrival)
    if (!this.isWarmUp(arrival)) this.recorder.time('lateness', Math.round(arrival.started - arrival.due))
    launcher(arrival, (end) => this.land(arrival, end))
  }

  skip(arrival: Arrival): void {
    this.note('skipped', arrival)
    if (!this.isWarmUp(arrival)) this.recorder.count(artillery('vusers.skipped'))
  }

  /** Resolves when no virtual user is at work. */
  landed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.size === 0) resolve()
      else this.onEmpty = resolve
    })
  }

  private land(arrival: Arrival, end: VuEnd): void {
    this.size--
    if (end !== 'unfinished') this.note(end, arrival)
    if (end !== 'unfinished' && !this.isWarmUp(arrival)) {
      this.recorder.count(artillery(`vusers.${end}`))
      if (end === 'completed') {
        this.recorder.time(artillery('vusers.session_length'), Math.round(this.clock.now() - arrival.started))
      }
    }
    if (this.size === 0) this.onEmpty?.()
  }

  private isWarmUp({ phase }: Arrival): boolean {
    return this.warmUp.has(phase)
  }

  private note(what: 'launched' | 'skipped' | 'completed' | 'failed', { phase }: Arrival): void {
    this.ledger[what]++
    this.recorder.count(what)
    this.recorder.countIn(what, 'phase', phase)
  }
}
