import { expect, it } from 'vitest'
import { startErrors } from '../../../src/aws-errors.ts'
import type { Script } from '../../../src/scenario/script.ts'
import { oversize, type Start, workerScript } from '../../../src/wire/start.ts'
import { startEvent } from '../../support/worker.ts'

const script: Script = {
  ...{ target: 'http://127.0.0.1:1', phases: [], variables: { colour: ['red'] }, config: { timeout: 3 } },
  ...{
    environment: 'dev',
    processor: '/home/me/hooks.ts',
    account: { concurrency: null, startsPer10s: null },
    sampling: { size: 5, averagePause: 0.2, pauseVariance: 0.1, errorBudget: 4, warningThreshold: 0.9 },
    limits: { duration: null, arrivalRate: null, window: null, arrivalRatePerWorker: null, startUp: null },
    hooks: { before: null, after: { flow: [] } },
    thresholds: [],
    ...{ hosts: [{ host: '127.0.0.1', at: { file: 'a.yml' } }], allow: ['a.example'] },
    ...{ extensions: [], files: [], external: [], notes: [], strict: false, warmUp: [0], quorum: 1 },
    wishes: { workers: 2, seed: 7, maxCost: null, price: null },
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

const LIMIT = 6 * 2 ** 20
const start = startEvent('/home/me', 'http://127.0.0.1:1', { duration: 1, arrivals: 1 })
const long = 'x'.repeat(7 * 2 ** 20)

it('an event within the limit is not oversized, to the byte', () => {
  const bytes = Buffer.byteLength(JSON.stringify({ ...start, vars: { name: 'žluťoučký' } }))
  expect(oversize({ ...start, vars: { name: 'žluťoučký' } }, bytes)).toBeNull()
  expect(oversize({ ...start, vars: { name: 'žluťoučký' } }, bytes - 1)).toMatchObject({ bytes })
})

const part = { key: 'bundles/a.mjs', hash: 'a', inline: long }
it.each<[string, Partial<Start>, string]>([
  ['its variables', { script: { ...start.script, variables: { list: [long] } } }, '7.0 MB of it `config.variables`'],
  ['the script', { script: { ...start.script, config: { body: long } } }, '7.0 MB of it the script'],
  ['what before has set', { vars: { token: long } }, '7.0 MB of it what `before` has set'],
  ['the environment', { env: { LONG: long } }, '7.0 MB of it the environment variables'],
  ['inline parts', { parts: { ...start.parts, processor: part } }, '7.0 MB of it code and data'],
])('one that is too large because of %s says so', (_, more, words) => {
  const size = oversize({ ...start, ...more }, LIMIT)
  const error = size && startErrors.oversize(size, LIMIT)
  expect(error?.message).toContain('what a worker is started with is 7.0 MB, and the platform takes 6.0 MB: ')
  expect(error?.message).toContain(words)
  expect(error).toMatchObject({ exit: 3, hint: expect.stringMatching(/^No request was sent\. \w/) })
})
