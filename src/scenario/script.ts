/** What a script says, checked and resolved. Types only: workers import them too. */
import type { Threshold } from '../measure/thresholds.ts'
import type { Phase } from '../plan/profile.ts'
import type { Sampling } from '../plan/sampling.ts'
import type { OwnPrice } from '../plan/tariff.ts'
import type { Usd } from '../units.ts'
import type { EngineName, Why } from './engine.ts'
import type { NamedHost } from './hosts.ts'
import type { Limits } from './limits.ts'
import type { Note } from './notes.ts'

/** The file is a Script; an entry of its `scenarios:` is a Scenario. Plain JSON: it crosses to the workers. */
export type Script = {
  target: string
  phases: Phase[]
  /** Which phases only warm the target up: what happens in them is kept apart from every result. */
  warmUp: number[]
  scenarios: Scenario[]
  feeds: Feed[]
  /** Flows that run once a run, before and after the load. */
  hooks: { before: Hook | null; after: Hook | null }
  /** Lists give each virtual user one of their values. */
  variables: Record<string, unknown>
  /** `config` as the engine reads it: http, tls, timeout, defaults and whatever the script's own code looks up. */
  config: Record<string, unknown>
  environment: string | null
  /** Absolute path of the processor's source, or null. */
  processor: string | null
  /** Plugins and engines that are not ours, by the file to load. */
  extensions: Extension[]
  /** Absolute paths of what the script names beside its code and its data rows. */
  files: string[]
  /** Packages that are loaded from where they lie instead of travelling in a bundle. */
  external: string[]
  /** Of `ensure`: what the verdict is judged by. */
  thresholds: Threshold[]
  /** The share of the workers that must come to their end for a verdict. */
  quorum: number
  /** Whether Artillery's own ways are kept where we mend them; arrivals are exact all the same. */
  strict: boolean
  notes: Note[]
  /** What the script itself asks for, under `config.slsart`. */
  wishes: { workers: number | null; seed: number | null; maxCost: Usd | null; price: OwnPrice | null }
  /** The hosts that it names and may send to, as far as they can be known before it runs. */
  hosts: NamedHost[]
  /** Hosts that it says may be sent to, under `config.slsart`. */
  allow: string[]
  limits: Limits
  /** What a monitoring round is. */
  sampling: Sampling
  account: { concurrency: number | null; startsPer10s: number | null }
  /** `root`: the folder of the project, which its files' paths are relative to when they travel. */
  source: { file: string; folder: string; root: string }
}

/** `spec` is the entry as written: flow, hooks and all. `name` falls back to the index, as in Artillery's reports. */
export type Scenario = {
  name: string
  weight: number
  spec: Record<string, unknown>
  engine: EngineName
  /** Why this engine. */
  why: Why
}

/** As written: `flow` and what else the engine reads. */
export type Hook = Record<string, unknown>

export type Extension = { kind: 'plugin' | 'engine'; name: string; path: string }

/** One data file. `loadAs` hands every virtual user the whole file under that name instead of one row. */
export type Feed = {
  path: string
  fields: string[]
  order: 'sequence' | 'random'
  loadAs: string | null
  rows: unknown[][]
}
