import type { Ledger } from '../src/measure/ledger.ts'
import { artillery, named } from '../src/measure/names.ts'
import type { Clock } from './clock.ts'
import type { Arrival } from './dispatcher.ts'
import type { VuEnd } from './engines/engine.ts'
import { add, type Cell, type Recorder } from './recorder.ts'

/** Runs one virtual user to its end, which it tells once. */
export type Launcher = (arrival: Arrival, ended: (end: VuEnd) => void) => void

const SESSION = artillery('vusers.session_length')

type Fate = 'launched' | 'skipped' | 'completed' | 'failed'

/** Where a phase's virtual users are counted: by name for each, it was a tenth of a virtual user (bench/native). */
type PhaseCells = Record<Fate, readonly [Cell, Cell]>

/** The virtual users at work, and what became of them. */
export class Flight {
  size = 0
  private readonly ledger: Ledger
  private readonly recorder: Recorder
  private readonly clock: Clock
  private readonly warmUp: ReadonlySet<number>
  private readonly phases: PhaseCells[] = []
  private readonly artillery: Record<Exclude<Fate, 'launched'>, Cell>
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
    const vusers = (fate: Fate): Cell => recorder.tally(artillery(`vusers.${fate}`))
    this.artillery = { skipped: vusers('skipped'), completed: vusers('completed'), failed: vusers('failed') }
  }

  launch(arrival: Arrival, launcher: Launcher): void {
    this.size++
    this.note('launched', arrival)
    if (!this.isWarmUp(arrival)) this.recorder.time('lateness', Math.round(arrival.started - arrival.due))
    launcher(arrival, (end) => this.land(arrival, end))
  }

  skip(arrival: Arrival): void {
    this.note('skipped', arrival)
    if (!this.isWarmUp(arrival)) add(this.artillery.skipped, 1)
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
      add(this.artillery[end], 1)
      if (end === 'completed') this.recorder.time(SESSION, Math.round(this.clock.now() - arrival.started))
    }
    if (this.size === 0) this.onEmpty?.()
  }

  private isWarmUp({ phase }: Arrival): boolean {
    return this.warmUp.has(phase)
  }

  private note(what: Fate, { phase }: Arrival): void {
    const cells = this.phases[phase] ?? this.cellsOf(phase)
    this.ledger[what]++
    const [all, own] = cells[what]
    add(all, 1)
    add(own, 1)
  }

  private cellsOf(phase: number): PhaseCells {
    const cells = (fate: Fate): [Cell, Cell] => [
      this.recorder.tally(fate),
      this.recorder.tally(named(fate, 'phase', phase)),
    ]
    const all = {
      launched: cells('launched'),
      skipped: cells('skipped'),
      completed: cells('completed'),
      failed: cells('failed'),
    }
    this.phases[phase] = all
    return all
  }
}
