/** `global.artillery`, as processors and plugins written for Artillery 2 look for it, in workers and at the conductor. */
import { EventEmitter } from 'node:events'
import { ARTILLERY } from '../measure/artillery.ts'

/** What becomes of what the user's code says of the run. */
export type Said = {
  log(...words: unknown[]): void
  /** The exit code that the code wants the run to end with; heard when it changes. */
  suggest(code: number): void
}

/** What plugins leave there for the end of the run. */
export type Extended = {
  globalEvents: EventEmitter
  extensionEvents: { ext: string; method(given: object): unknown }[]
  suggestedExitCode: number
}

export function installGlobal(run: string, { log, suggest }: Said, more: object): Extended {
  const globalEvents = new EventEmitter()
  // Artillery prints what is logged; its plugins hear of it too.
  globalEvents.on('log', (_options: unknown, ...words: unknown[]) => log(...words))
  let suggested = 0
  const artillery = {
    version: ARTILLERY,
    testRunId: run,
    runtimeOptions: {},
    plugins: [],
    extensionEvents: [] as Extended['extensionEvents'],
    globalEvents,
    async ext(event: Extended['extensionEvents'][number]): Promise<void> {
      artillery.extensionEvents.push(event)
    },
    log: (...words: unknown[]): void => void globalEvents.emit('log', {}, ...words),
    logger: (options: unknown) => ({
      log: (...words: unknown[]): void => void globalEvents.emit('log', options, ...words),
    }),
    metrics: { event: async (message: unknown): Promise<void> => log(message) },
    get suggestedExitCode() {
      return suggested
    },
    set suggestedExitCode(code: number) {
      if (code !== suggested) suggest(code)
      suggested = code
    },
    ...more,
  }
  Object.assign(globalThis, { artillery })
  return artillery
}
