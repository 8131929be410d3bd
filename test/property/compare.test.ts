/** Two runs of the same thing are called the same, and one that is slower is found, whatever makes seconds and workers differ. */
import { describe, expect, it } from 'vitest'
import type { Block } from '../../src/measure/blocks.ts'
import { compareRuns, type Draw } from '../../src/measure/compare.ts'
import { Histogram } from '../../src/measure/histogram.ts'
import { student } from '../../src/measure/student.ts'
import { uniform } from '../../src/plan/choose.ts'
import { Chance, drawnRun, type Model, STEADY } from '../support/drawn-runs.ts'

const PAIRS = 40
const EFFECT = 0.05
const draw: Draw = (replicate, n) => uniform(0, replicate, n)

const models: Record<string, Model> = {
  'every second is as every other': STEADY,
  'they are short': { ...STEADY, seconds: 10, rate: 50 },
  'slow seconds follow each other': { ...STEADY, second: 0.2, stays: 0.6 },
  'workers differ': { ...STEADY, workers: 20, rate: 3, worker: 0.2 },
  'seconds and workers differ': { ...STEADY, workers: 20, rate: 3, worker: 0.15, second: 0.15, stays: 0.6 },
  'the target stalls now and then': { ...STEADY, seconds: 120, stall: 33 },
}

describe.each(Object.entries(models))('when %s', (_, model) => {
  const chance = new Chance(11)
  const pairs = Array.from({ length: PAIRS }, () => [drawnRun(model, chance), drawnRun(model, chance)] as const)

  it('two runs of the same thing are called the same', () => {
    const answers = pairs.map(([baseline, run]) => compareRuns(baseline, run, { effect: EFFECT, draw }).compared)
    const missed = answers.filter((compared) => compared.some(({ change: { low, high } }) => low > 0 || high < 0))
    const called = answers.filter((compared) =>
      compared.some(({ answer }) => answer === 'worse' || answer === 'better'),
    )
    expect(called.length / PAIRS).toBeLessThanOrEqual(0.05)
    // 5 % are promised; forty pairs can tell them from 20 %, and from no less.
    expect(missed.length / PAIRS).toBeLessThanOrEqual(0.125)
  })

  it('a run that is half as slow again is found, and never called faster', () => {
    const slower = pairs.map(([baseline]) =>
      compareRuns(baseline, drawnRun({ ...model, median: model.median * 1.5 }, chance), { effect: EFFECT, draw }),
    )
    const found = slower.filter(({ compared }) => compared.some(({ answer }) => answer === 'worse'))
    expect(found.length / PAIRS).toBeGreaterThanOrEqual(0.9)
    // A p99 hangs on how often the target stalled, which was by chance.
    const medians = slower.flatMap(({ compared }) => compared.filter(({ metric }) => metric === 'p50_ms'))
    expect(medians.filter(({ answer }) => answer === 'better')).toEqual([])
  })
})

it('percentiles and shares are those of all that was measured', () => {
  const run = drawnRun({ ...STEADY, stall: 10 }, new Chance(3))
  const whole = new Histogram()
  for (const { latencies } of run.stretches) {
    const { buckets, counts, count, max } = latencies.get('response') ?? expect.fail()
    buckets.forEach((bucket, i) => {
      ;(whole.counts[bucket] as number) += counts[i] as number
    })
    whole.count += count
    whole.max = Math.max(whole.max, max)
  }
  whole.lowest = 0
  whole.highest = whole.counts.length - 1
  const sum = (name: string): number => run.stretches.reduce((all, { counters }) => all + (counters.get(name) ?? 0), 0)
  const { compared } = compareRuns(run, run, { effect: EFFECT, draw })
  const wanted = {
    p50_ms: whole.percentile(50) / 1000,
    p95_ms: whole.percentile(95) / 1000,
    p99_ms: whole.percentile(99) / 1000,
  }
  expect(Object.fromEntries(compared.map(({ metric, baseline }) => [metric, baseline]))).toEqual({
    ...wanted,
    failures: sum('failures') / sum('requests'),
  })
  for (const { answer, change, baseline, run: here } of compared) {
    expect([change.estimate, here]).toEqual([0, baseline])
    expect(change.low).toBeLessThan(0)
    expect(answer).not.toBe('worse')
  }
})

it('percentiles are the same of a run that has measured thousands of millions of times as much', () => {
  const run = drawnRun(STEADY, new Chance(3))
  const times = 2 ** 31
  const more = ({ latencies, counters }: Block): Block => ({
    latencies: new Map(
      [...latencies].map(([name, { buckets, counts, count, max }]) => [
        name,
        { buckets, counts: counts.map((n) => n * times), count: count * times, max },
      ]),
    ),
    counters: new Map([...counters].map(([name, value]) => [name, value * times])),
  })
  const large = { stretches: run.stretches.map(more), workers: run.workers.map(more) }
  const { compared } = compareRuns(run, large, { effect: EFFECT, draw })
  for (const { baseline, run: here } of compared) expect(here).toBeCloseTo(baseline as number, 9)
})

it("Student's t is what the tables have", () => {
  const table = [
    [0.025, 4, 2.776],
    [0.025, 10, 2.228],
    [0.005, 22, 2.819],
    [0.0005, 8, 5.041],
    [0.025, 1_000_000, 1.96],
  ] as const
  for (const [tail, freedom, t] of table) expect(student(tail, freedom)).toBeCloseTo(t, 3)
})
