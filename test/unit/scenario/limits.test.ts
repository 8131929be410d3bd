import { describe, expect, it } from 'vitest'
import { PreflightError } from '../../../src/errors.ts'
import type { Plan } from '../../../src/plan/plan.ts'
import { planFor } from '../../../src/run/prepare.ts'
import { GOOD, good, read, refusal } from './folder.ts'

const split = (text: string): string => `${GOOD}_split: ${text}\n`
const own = (text: string): string => good('  phases:', `  slsart: { limits: ${text} }\n  phases:`)

describe('limits that a script sets', () => {
  it('are none unless written', async () => {
    const none = { duration: null, arrivalRate: null, window: null, arrivalRatePerWorker: null, startUp: null }
    expect((await read(GOOD)).limits).toEqual(none)
  })

  it.each([
    ['maxScriptDurationInSeconds', 1, { duration: 1 }],
    ['maxScriptDurationInSeconds', 518_400, { duration: 518_400 }],
    ['maxScriptRequestsPerSecond', 50_000, { arrivalRate: 50_000 }],
    ['maxChunkDurationInSeconds', 15, { window: 15 }],
    ['maxChunkDurationInSeconds', 885, { window: 885 }],
    ['maxChunkRequestsPerSecond', 500, { arrivalRatePerWorker: 500 }],
    ['timeBufferInMilliseconds', 30_000, { startUp: 30 }],
  ])('by serverless-artillery’s %s: %d', async (key, value, limits) => {
    expect((await read(split(`{ ${key}: ${value} }`))).limits).toMatchObject(limits)
  })

  it.each([
    [
      '{ maxChunkDurationInSeconds: 14 }',
      '_split.maxChunkDurationInSeconds: must be a whole number from 15 to 885, found 14',
    ],
    ['{ maxChunkDurationInSeconds: 886 }', 'from 15 to 885, found 886'],
    ['{ maxChunkRequestsPerSecond: 0 }', 'from 1 to 500, found 0'],
    ['{ maxScriptRequestsPerSecond: 50001 }', 'from 1 to 50000'],
    ['{ maxScriptDurationInSeconds: "60" }', 'found "60"'],
    ['{ timeBufferInMilliseconds: 1.5 }', 'found 1.5'],
    ['{ maxChunkRequestPerSecond: 5 }', 'Did you mean "maxChunkRequestsPerSecond"?'],
  ])('are refused when wrong: %s', async (text, said) => {
    const told = await refusal(split(text))
    expect(told).toMatch(/^script\.yml:9:\d+: /)
    expect(told).toContain(said)
  })

  it('are written our way as durations and rates', async () => {
    const { limits } = await read(
      own('{ duration: 2h, arrivalRate: 100, window: 5m, arrivalRatePerWorker: 12.5, startUp: 10 }'),
    )
    expect(limits).toEqual({ duration: 7200, arrivalRate: 100, window: 300, arrivalRatePerWorker: 12.5, startUp: 10 })
  })

  it.each([
    ['{ window: soon }', 'config.slsart.limits.window: "soon" is not a duration above 0'],
    ['{ arrivalRate: 0 }', 'config.slsart.limits.arrivalRate'],
    ['{ windows: 5 }', 'Did you mean "window"?'],
  ])('are refused our way too: %s', async (text, said) => {
    expect(await refusal(own(text))).toContain(said)
  })

  it('are refused when they contradict each other', async () => {
    const both = `${own('{ window: 60 }')}_split: { maxChunkDurationInSeconds: 120 }\n`
    expect(await refusal(both)).toContain(
      '_split.maxChunkDurationInSeconds is 120, but config.slsart.limits.window is 60',
    )
    expect((await read(both.replace('120', '60'))).limits.window).toBe(60)
    const wide = await refusal(split('{ maxChunkRequestsPerSecond: 50, maxScriptRequestsPerSecond: 40 }'))
    expect(wide).toContain('the limit for one worker is 50, but the limit for the script is 40')
  })
})

describe('a plan under limits', () => {
  const plan = async (text: string, workers: number | null = null): Promise<Plan> =>
    planFor(await read(text), { seed: 1, workers, workerLifetime: null, regions: [] })

  it('has windows no longer, and workers no faster, than they allow', async () => {
    const { windows } = await plan(split('{ maxChunkDurationInSeconds: 15, maxChunkRequestsPerSecond: 2 }'))
    expect(windows.map(({ from, to, workers, decidedBy }) => [to - from, workers, decidedBy])).toEqual(
      Array(4).fill([15, 3, 'limit']),
    )
  })

  it.each([
    [
      'a script that is too long',
      own('{ duration: 30 }'),
      null,
      'limit for duration is 30, and this run would have 60',
    ],
    [
      'a script that is too fast',
      own('{ arrivalRate: 4 }'),
      null,
      'limit for arrivals a second is 4, and this run would have 5',
    ],
    [
      'a maxVusers that allows too few workers',
      own('{ arrivalRatePerWorker: 2 }').replace('arrivalRate: 5', 'arrivalRate: 5\n      maxVusers: 2'),
      null,
      'It needs 3 workers, and maxVusers allows 2.',
    ],
    ['too few workers', own('{ arrivalRatePerWorker: 2 }'), 2, '--workers 3 would do'],
  ])('is refused for %s', async (_, text, workers, said) => {
    const error: unknown = await plan(text, workers).catch((refused: unknown) => refused)
    expect(error).toBeInstanceOf(PreflightError)
    expect((error as PreflightError).toText()).toContain(said)
    expect((error as PreflightError).exit).toBe(3)
  })
})
