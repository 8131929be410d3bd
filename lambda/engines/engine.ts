/** What runs a virtual user. One engine a worker: within it, each scenario runs on Artillery's engine or on the native one. */
import type { StepResult } from '../../src/measure/acceptance.ts'
import type { Micros } from '../../src/units.ts'
import type { HookName, WorkerScript } from '../../src/wire/start.ts'
import type { Arrival } from '../dispatcher.ts'
import type { Modules } from '../parts.ts'
import type { Recorder } from '../recorder.ts'
import type { Targets } from '../targets.ts'

/** A virtual user about to run: its arrival, which scenario, and its own variables and random stream. */
export type Vu = Arrival & { scenario: number; vars: Record<string, unknown>; random: () => number }

/** `unfinished`: it was cut off by a stop. */
export type VuEnd = 'completed' | 'failed' | 'unfinished'

/** Runs one virtual user; `ended` is called once, when it has ended. */
export type RunVu = (vu: Vu, ended: (end: VuEnd) => void) => void

/** Some scenarios of the script, compiled. */
export type Scenarios = Pick<Engine, 'quit' | 'close'> & { run: RunVu }

export type Loaded = {
  run: string
  script: WorkerScript
  /** What `before` has set. */
  vars: Record<string, unknown>
  /** The processor module's exports, empty without one. */
  functions: Record<string, unknown>
  /** Plugins and engines from npm. */
  modules: Modules
  recorder: Recorder
  now: () => Micros
  /** Where requests may go. */
  targets: Targets
  /** Hears of each step, when scenarios are tried out; null under load. */
  tell: ((step: StepResult) => void) | null
}

/** `stopped`: aborted when the flow may send nothing more. */
export type HookRun = Pick<Vu, 'vars' | 'random'> & { stopped: AbortSignal }

export type Engine = {
  /** Compiles the script and warms up, without a request to the target. Throws what the user's code throws. */
  load(loaded: Loaded): Promise<RunVu>
  /** Runs the script's `before` or `after` once; the variables at its end, as JSON has them. Rejects when the flow fails, or is stopped. */
  hook(loaded: Loaded, name: HookName, own: HookRun): Promise<Record<string, unknown>>
  /** From now on no virtual user may send another request; each ends `unfinished` at its next one. */
  quit(): void
  /** When the last virtual user has ended: what plugins have to put away, or send off. */
  close(): Promise<void>
}
