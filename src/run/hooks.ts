/** `before` and `after`: flows of the script that run once a run, each in a worker of its own. */
import { preflightErrors, type SlsartError, scriptErrors, unreadableText } from '../errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Fault, WorkerEvent } from '../wire/events.ts'
import { type HookName, hookIndex, type Start } from '../wire/start.ts'
import { heard } from './heard.ts'
import type { Known, Till } from './till.ts'

/** What became of `after`; `problem` says why it failed. */
export type After = { problem: string | null }

export type Hook = Start & { hook: HookName }
export type Hooks = Record<HookName, Hook | null>

export const hooksOf = (shared: Omit<Start, 'hook' | 'index'>): Hooks => {
  const start = (hook: HookName): Hook | null =>
    shared.script.hooks[hook] === null ? null : { ...shared, hook, index: hookIndex[hook] }
  return { before: start('before'), after: start('after') }
}

/** The variables that the flow has set, or the error that ended it. */
async function runHook(fleet: Fleet, start: Hook): Promise<Record<string, unknown> | SlsartError> {
  let outcome: Record<string, unknown> | SlsartError | null = null
  for await (const { event: told } of fleet.launch([start])) {
    const event = told.type === 'gone' || told.type === 'cut' ? told : readableOf(told)
    if (event.type === 'hooked') outcome = event.vars
    if (event.type === 'fault') {
      const { code, at, message } = event
      outcome =
        code === 'script'
          ? scriptErrors.processor(at ?? { file: 'processor' }, message)
          : preflightErrors.hook(start.hook, message)
    }
    if (event.type === 'gone') outcome ??= preflightErrors.hook(start.hook, event.reason)
  }
  return outcome ?? {}
}

/** The run's hooks, one at a time. A stop ends the one that is running. */
export class Hooking {
  private readonly fleet: Fleet
  private readonly till: Till
  private running: { index: number; stopped: boolean } | null = null

  constructor(fleet: Fleet, till: Till) {
    this.fleet = fleet
    this.till = till
  }

  /** Runs a hook, if there is one; `vars`: what it starts with. null: it was stopped. */
  async run(start: Hook | null, vars: Start['vars'], state: Known): Promise<Start['vars'] | SlsartError | null> {
    if (start === null) return vars
    this.running = { index: start.index, stopped: false }
    const until = this.till.hookBegins(start.hook, state)
    const outcome = await runHook(this.fleet, { ...start, vars, until })
    this.till.hookEnds(start.hook)
    const { stopped } = this.running
    this.running = null
    return stopped ? null : outcome
  }

  stop(): void {
    if (this.running === null) return
    this.running.stopped = true
    this.fleet.drop({ slice: this.running.index, attempt: 1 })
  }
}

/** The event, or the fault that it is when no worker sends such. */
function readableOf(event: WorkerEvent): WorkerEvent {
  try {
    return heard(event)
  } catch (error) {
    const fault: Fault = { type: 'fault', code: 'hook', message: unreadableText((error as Error).message), at: null }
    return fault
  }
}
