/** `before` and `after`: flows of the script that run once a run, each in a worker of its own. */
import { preflightErrors, type SlsartError, scriptErrors } from '../errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { type HookName, hookIndex, type Start } from '../wire/start.ts'

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
export async function runHook(fleet: Fleet, start: Hook): Promise<Record<string, unknown> | SlsartError> {
  let outcome: Record<string, unknown> | SlsartError | null = null
  for await (const { event } of fleet.launch([start])) {
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
