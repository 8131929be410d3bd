/** Warm-up phases: real load, in the ledger, and in no result. */
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { invoke, run, workFolder } from '../support/cli.ts'

const HOOKS = `module.exports = { count(_context, events, done) { events.emit('counter', 'own.seen', 1); done() } }\n`

test('what happens in a warm-up phase is sent, and kept apart from every result', async () => {
  const target = await startTarget()
  const { report, stdout, code } = await invoke(
    {
      config: {
        target: target.url,
        processor: './hooks.js',
        phases: [
          { name: 'warm', duration: 2, arrivalCount: 20 },
          { name: 'real', duration: 2, arrivalCount: 10 },
        ],
        slsart: { warmup: ['warm'] },
        ensure: { thresholds: [{ 'vusers.created': 11 }, { 'http.requests': 21 }] },
      },
      scenarios: [
        {
          name: 's',
          flow: [
            { function: 'count' },
            { get: { url: '/slow' } },
            { get: { url: '/items/1', capture: { json: '$.no', as: 'no', strict: false } } },
          ],
        },
      ],
    },
    { workers: 2 },
    { 'hooks.js': HOOKS },
  )
  await target.close()
  expect(code, stdout).toBe(0)
  expect(target.total()).toBe(60)
  expect(report.ledger).toMatchObject({ due: 30, launched: 30, completed: 30, balanced: true })
  expect(report.aggregate.counters).toMatchObject({
    ...{ 'vusers.created': 10, 'vusers.completed': 10, 'http.requests': 20, 'http.codes.200': 20, 'own.seen': 10 },
  })
  const { response, lateness } = report.latency_ms
  expect([response.count, lateness.count]).toEqual([20, 10])
  expect(report.endpoints.map(({ requests, responses }) => [requests, responses])).toEqual([
    [10, 10],
    [10, 10],
  ])
  expect(report.scenarios).toMatchObject([{ name: 's', launched: 10, requests: 20 }])
  expect(report.phases).toMatchObject([
    { name: 'warm', warmUp: true, launched: 20, requests: 40, responses: 40 },
    { name: 'real', launched: 10, requests: 20, responses: 20 },
  ])
  expect(stdout).toContain('warm-up    warm')
})

test('errors of a warm-up phase are in no verdict', async () => {
  const { report, code } = await invoke(
    {
      config: {
        target: 'http://127.0.0.1:1',
        phases: [
          { name: 'warm', duration: 1, arrivalCount: 5 },
          { name: 'real', duration: 1, arrivalCount: 5 },
        ],
        slsart: { warmup: ['warm'] },
      },
      scenarios: [{ flow: [{ get: { url: '/' } }] }],
    },
    { workers: 1 },
  )
  expect(code).toBe(12)
  expect(report.ledger).toMatchObject({ launched: 10, failed: 10 })
  // Arrivals 0 to 4 were the warm-up's.
  expect(report.errors).toMatchObject([{ code: 'ECONNREFUSED', count: 5, sample: { arrival: 5, endpoint: 'GET /' } }])
})

test.each([
  ['a phase that there is not', '[wram]', 'there is no phase "wram"\n  Did you mean "warm"?'],
  ['all phases', '[warm]', 'every phase is a warm-up'],
])('%s cannot be the warm-up', async (_, names, message) => {
  const script = `config:
  target: http://127.0.0.1:1
  phases: [{ name: warm, duration: 1, arrivalCount: 1 }]
  slsart: { warmup: ${names} }
scenarios:
  - flow: [{ get: { url: / } }]
`
  const { code, stderr } = await run(workFolder({ 'script.yml': script }), ['plan', '-p', 'script.yml'])
  expect(code).toBe(2)
  expect(stderr).toContain(message)
})
