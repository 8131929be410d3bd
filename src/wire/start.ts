/** The event that starts one worker: one slice, and all that is needed to run it. Plain JSON. */
import type { Profile } from '../plan/profile.ts'
import type { Slice } from '../plan/slices.ts'
import type { Extension, Feed, Scenario, Script } from '../scenario/script.ts'
import type { Millis, Seconds, Seed } from '../units.ts'

/** A content-addressed file. `inline`: its bytes in base64, when they are small enough to ride in the event; null: they are in the store. */
export type Part = { key: string; hash: string; inline: string | null }
/** `files`: what the script names, by its path in the project. */
export type Parts = {
  processor: Part | null
  extensions: (Part & Pick<Extension, 'kind' | 'name'>)[]
  rows: Part[]
  files: (Part & { path: string })[]
}

/** What the engine needs of a script; the rows travel as parts. */
export type WorkerScript = Pick<
  Script,
  'target' | 'variables' | 'config' | 'environment' | 'source' | 'hooks' | 'strict' | 'warmUp'
> & {
  scenarios: Omit<Scenario, 'why'>[]
  feeds: Omit<Feed, 'rows'>[]
}

/** Where a run's store is: a folder of this machine, or a bucket with what its keys begin with. */
export type StorePlace =
  | { kind: 'folder'; folder: string }
  | { kind: 'bucket'; bucket: string; prefix: string; region: string }

export type HookName = 'before' | 'after'
/** Where a slice has its number, a hook has one of these. */
export const hookIndex: Record<HookName, number> = { before: -1, after: -2 }

export type Start = {
  run: string
  /** What to do instead of the slice: a flow that runs once a run. */
  hook: HookName | null
  slice: Slice
  /** Position of the slice in the plan: its name in frames, claims and logs. */
  index: number
  attempt: number
  seed: Seed
  profile: Profile
  /** How long after its window the worker waits for what is still at work; null: as long as it takes. */
  drain: Seconds | null
  /** When it must have ended, by the wall clock, as long as it has read no orders: a hook never does. null: no such moment. */
  until: Millis | null
  script: WorkerScript
  parts: Parts
  store: StorePlace
  /** How often frames also go to the store, several in one object; null: never, since nothing can cut the worker's stream. */
  batches: Seconds | null
  /** Hosts that load may go to beside what is private: wire/targets.ts. */
  allow: readonly string[]
  /** What the script's `before` has set: every virtual user starts with it. */
  vars: Record<string, unknown>
  /** Environment variables that the worker gets beside its own. */
  env: Record<string, string>
  /** Values of the operator's environment that the script has taken in: only there does their name say that they are secret. */
  secrets: readonly string[]
  /** Tries out the scenarios in turn, the k-th by arrival k, and tells of each step. */
  acceptance: boolean
  /** Writes every request's microseconds to the store beside the frames: for checking the histograms. */
  rawSamples: boolean
}

export const workerScript = (script: Script): WorkerScript => {
  const { target, variables, config, environment, source, hooks, strict, warmUp } = script
  const scenarios = script.scenarios.map(({ name, weight, spec, engine }) => ({ name, weight, spec, engine }))
  const feeds = script.feeds.map(({ path, fields, order, loadAs }) => ({ path, fields, order, loadAs }))
  return { target, variables, config, environment, source, hooks, strict, warmUp, scenarios, feeds }
}

/** What a start event is made of; `vars` is what the script's `before` has set. */
type StartPart = 'script' | 'variables' | 'vars' | 'env' | 'profile' | 'parts'
/** In bytes, as JSON; `shares` with the largest first. */
export type StartSize = { bytes: number; shares: { what: StartPart; bytes: number }[] }

/** How large the event is, and what makes it so; null when it is within the limit. */
export function oversize(start: Start, limit: number): StartSize | null {
  const bytes = sizeOf(start)
  if (bytes <= limit) return null
  const { script, vars, env, profile, parts } = start
  const { config } = script
  // They are sent twice: as the script's, and in the config that plugins see.
  const variables = [script.variables, config.variables]
  const bare = { ...script, variables: {}, config: { ...config, variables: {} } }
  const all = { script: bare, variables, vars, env, profile, parts }
  const shares = Object.entries(all).map(([what, value]) => ({ what: what as StartPart, bytes: sizeOf(value) }))
  return { bytes, shares: shares.toSorted((a, b) => b.bytes - a.bytes) }
}

const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length
