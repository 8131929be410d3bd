/** For benches: a terminal of 200 × 60 with all its colours that takes whatever it is sent, and what is shown on it. */
import { PassThrough } from 'node:stream'
import type { Setting } from '../src/dashboard/open.tsx'
import type { World } from '../src/world.ts'

export function settingOn(clock: World['clock'], fleet: 'local' | 'lambda'): Setting {
  const [output, input] = [new PassThrough().resume(), new PassThrough()]
  Object.assign(output, { isTTY: true, columns: 200, rows: 60, getColorDepth: () => 24 })
  Object.assign(input, { isTTY: true, setRawMode: () => input, ref: () => input, unref: () => input })
  return {
    about: { script: 's.yml', target: 'http://t', run: 'r', fleet, warmUp: [], baseline: null },
    terminal: { input, output } as unknown as Setting['terminal'],
    ...{ clock, env: { LANG: 'C.UTF-8' }, ascii: false, controls: { stop: () => {} } },
    keep: () => Promise.resolve(''),
    left(problem) {
      throw new Error(problem ?? 'left')
    },
  }
}
