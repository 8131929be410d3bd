/** What the script asks for is what the target receives, for any number of workers. The target's count is the truth. */
import { describe, expect, test } from 'vitest'
import { type Seen, startTarget } from '../../demo/target.ts'
import { invoke } from '../support/cli.ts'

const WORKERS = [1, 7]

/** Two seconds each, with the arrivals that the curve's area gives. */
const loads: [string, object[], number][] = [
  ['a constant rate', [{ duration: 2, arrivalRate: 20 }], 40],
  ['a fractional rate', [{ duration: 2, arrivalRate: 7.75 }], 16],
  ['a ramp up from nothing', [{ duration: 2, arrivalRate: 0, rampTo: 30 }], 30],
  ['a ramp down to nothing', [{ duration: 2, arrivalRate: 30, rampTo: 0 }], 30],
  ['a count', [{ duration: 2, arrivalCount: 23 }], 23],
  [
    'a pause between counts',
    [{ duration: 0.5, arrivalCount: 5 }, { pause: 1 }, { duration: '500ms', arrivalCount: 6 }],
    11,
  ],
  [
    'a mixture',
    [
      { duration: 0.7, arrivalRate: 4.5, rampTo: 20 },
      { pause: 0.3 },
      { duration: 0.5, arrivalCount: 3 },
      { duration: 0.5, arrivalRate: 9 },
    ],
    16,
  ],
]

const ROWS = Array.from({ length: 9 }, (_, i) => `row${i}`)

const script = (target: string, phases: object[]): object => ({
  config: { target, phases, payload: { path: 'rows.csv', fields: ['row'], order: 'sequence' } },
  scenarios: [
    { name: 'one', weight: 2, flow: [{ get: { url: '/items?scenario=one&row={{ row }}' } }] },
    {
      name: 'two',
      weight: 1,
      flow: [{ get: { url: '/items?scenario=two&row={{ row }}' } }, { get: { url: '/items/3' } }],
    },
  ],
})

/** Runs it and gives the (scenario, row) of every virtual user, as the target saw them, sorted. */
async function choices(phases: object[], workers: number, arrivals: number): Promise<string[]> {
  const target = await startTarget()
  const seen: Seen[] = []
  target.watch((request) => seen.push(request))
  try {
    const { report, code, stderr } = await invoke(
      script(target.url, phases),
      { workers },
      { 'rows.csv': ROWS.join('\n') },
    )
    expect(code, stderr).toBe(0)
    const sum = report.scenarios.reduce((requests, scenario) => requests + scenario.requests, 0)
    expect(report.ledger).toMatchObject({
      due: arrivals,
      launched: arrivals,
      lost: 0,
      skipped: 0,
      completed: arrivals,
      balanced: true,
    })
    expect(target.total()).toBe(sum)
    expect(report.aggregate.counters['http.requests']).toBe(target.total())
    expect(report.latency_ms.service.count).toBe(target.total())
    expect(report.series.reduce((launched, second) => launched + second.launched, 0)).toBe(arrivals)
    expect(report.phases.reduce((launched, phase) => launched + phase.launched, 0)).toBe(arrivals)
    expect(report.intermediate.reduce((all, { counters }) => all + (counters['vusers.created'] ?? 0), 0)).toBe(arrivals)
  } finally {
    await target.close()
  }
  return seen
    .map(({ path }) => path)
    .filter((path) => path.includes('scenario='))
    .toSorted()
}

describe.concurrent('every worker count sends the same virtual users, each exactly once', () => {
  test.each(loads)('%s', async (_name, phases, arrivals) => {
    const alone = await choices(phases, WORKERS[0] as number, arrivals)
    expect(alone).toHaveLength(arrivals)
    for (const workers of WORKERS.slice(1)) expect(await choices(phases, workers, arrivals)).toEqual(alone)
    // Rows go out once across the fleet before any repeats.
    const times = ROWS.map((row) => alone.filter((path) => path.endsWith(row)).length)
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1)
  })
})

test.concurrent('half an arrival a second for 8 s is 4', async () => {
  const target = await startTarget()
  const { report } = await invoke(
    {
      config: { target: target.url, phases: [{ duration: 8, arrivalRate: 0.5 }] },
      scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
    },
    { workers: 2 },
  )
  expect(target.total()).toBe(4)
  expect(report.ledger.launched).toBe(4)
  await target.close()
})

test('600/s for 5 s is 3000, not 3001', async () => {
  const target = await startTarget()
  const { report } = await invoke(
    {
      config: { target: target.url, phases: [{ duration: 5, arrivalRate: 600 }], http: { pool: 20 } },
      scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
    },
    { workers: 3 },
  )
  expect(target.total()).toBe(3000)
  expect(report.ledger).toMatchObject({ due: 3000, launched: 3000, completed: 3000, balanced: true })
  await target.close()
})

test.concurrent('maxVusers is shared by the workers, and what is over it is skipped and counted', async () => {
  const target = await startTarget()
  const { report, code } = await invoke(
    {
      config: { target: target.url, phases: [{ duration: 2, arrivalRate: 40, maxVusers: 3 }] },
      scenarios: [{ flow: [{ get: { url: '/slow' } }, { get: { url: '/slow' } }] }],
    },
    { workers: 2 },
  )
  const { launched, skipped, due } = report.ledger
  expect(code).toBe(0)
  expect(skipped).toBeGreaterThan(0)
  expect(launched + skipped).toBe(due)
  expect(report.phases[0]?.skipped).toBe(skipped)
  expect(report.aggregate.counters['vusers.skipped']).toBe(skipped)
  await target.close()
})
