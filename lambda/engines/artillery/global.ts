/** `global.artillery` as processors and plugins written for Artillery 2 look for it. */
import { EventEmitter } from 'node:events'
import { template } from 'artillery-upstream/engine_util'

export function prepareGlobal(run: string): void {
  const events = new EventEmitter()
  Object.assign(globalThis, {
    artillery: {
      version: '2.0.34',
      testRunId: run,
      runtimeOptions: {},
      plugins: [],
      extensionEvents: [],
      globalEvents: events,
      ext(event: unknown) {
        this.extensionEvents.push(event as never)
      },
      log: (...words: unknown[]) => events.emit('log', {}, ...words),
      util: { template },
    },
  })
}
