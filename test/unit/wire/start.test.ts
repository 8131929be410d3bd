import { expect, it } from 'vitest'
import type { Script } from '../../../src/scenario/script.ts'
import { workerScript } from '../../../src/wire/start.ts'

const script: Script = {
  ...{ target: 'http://127.0.0.1:1', phases: [], variables: { colour: ['red'] }, config: { timeout: 3 } },
  ...{
    environment: 'dev',
    processor: '/home/me/hooks.ts',
    account: { concurrency: null, startsPer10s: null },
    limits: { duration: null, arrivalRate: null, window: null, arrivalRatePerWorker: null, startUp: null },
    hooks: { before: null, after: { flow: [] } },
    thresholds: [],
    ...{ extensions: [], files: [], external: [], notes: [], strict: false, warmUp: [0], quorum: 1 },
    wishes: { workers: 2, seed: 7 },
  },
  limits: { duration: null, arrivalRate: null, window: null, arrivalRatePerWorker: null, startUp: null },
  scenarios: [
    { name: 'a', weight: 1, spec: { flow: [] }, engine: 'artillery', why: { kind: 'asked', at: { file: 'a.yml' } } },
  ],
  feeds: [{ path: 'users.csv', fields: ['name'], order: 'random', loadAs: null, rows: [['ada'], ['bo']] }],
  source: { file: '/home/me/script.yml', folder: '/home/me', root: '/home/me' },
}

it('a worker is sent the script without phases, wishes, reasons and rows: rows travel apart', () => {
  const { target, variables, config, environment, source, hooks, strict, warmUp } = script
  const feeds = [{ path: 'users.csv', fields: ['name'], order: 'random', loadAs: null }]
  expect(workerScript(script)).toEqual({
    target,
    variables,
    config,
    environment,
    source,
    hooks,
    strict,
    warmUp,
    scenarios: [{ name: 'a', weight: 1, spec: { flow: [] }, engine: 'artillery' }],
    feeds,
  })
})
