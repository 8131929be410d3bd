import { describe, expect, it } from 'vitest'
import { GOOD, good, read, refusal } from './folder.ts'

const theirs = (text: string): string => `${GOOD}sampling: ${text}\n`
const own = (text: string): string => good('  phases:', `  slsart: { monitoring: ${text} }\n  phases:`)

/** serverless-artillery's own. */
const DEFAULTS = { size: 5, averagePause: 0.2, pauseVariance: 0.1, errorBudget: 4, warningThreshold: 0.9 }

describe('how a script is sampled', () => {
  it('is as serverless-artillery samples unless written', async () => {
    expect((await read(GOOD)).sampling).toEqual(DEFAULTS)
  })

  it.each([
    ['{ size: 3, errorBudget: 0 }', { size: 3, errorBudget: 0 }],
    ['{ averagePause: 4, pauseVariance: 4 }', { averagePause: 4, pauseVariance: 4 }],
    ['{ warningThreshold: 1 }', { warningThreshold: 1 }],
    // What a default would make impossible it gives way to.
    ['{ size: 1 }', { size: 1, errorBudget: 0 }],
    ['{ averagePause: 0.05 }', { averagePause: 0.05, pauseVariance: 0.05 }],
  ])('is read in both places: %s', async (text, sampling) => {
    expect((await read(theirs(text))).sampling).toEqual({ ...DEFAULTS, ...sampling })
    expect((await read(own(text))).sampling).toEqual({ ...DEFAULTS, ...sampling })
  })

  it.each([
    ...['{ size: "1" }', '{ size: 0 }', '{ size: -1 }', '{ size: 1.5 }', '{ size: 1001 }'],
    ...['{ averagePause: "1" }', '{ averagePause: 0 }', '{ averagePause: -1 }'],
    ...['{ pauseVariance: "1" }', '{ pauseVariance: -1 }', '{ averagePause: 4, pauseVariance: 5 }'],
    ...['{ errorBudget: "1" }', '{ errorBudget: -1 }', '{ size: 5, errorBudget: 5 }', '{ size: 4, errorBudget: 5 }'],
    ...['{ warningThreshold: "1" }', '{ warningThreshold: 0 }', '{ warningThreshold: 1.1 }'],
  ])('is refused when wrong, with its place: %s', async (text) => {
    expect(await refusal(theirs(text))).toMatch(/^script\.yml:9:\d+: sampling\.\w+: /)
    expect(await refusal(own(text))).toMatch(/^script\.yml:3:\d+: config\.slsart\.monitoring\.\w+: /)
  })

  it('is refused when a key is unknown, or when both places say different things', async () => {
    expect(await refusal(theirs('{ sise: 3 }'))).toContain('Did you mean "size"?')
    expect(await refusal(own('{ errorBudgets: 3 }'))).toContain('Did you mean "errorBudget"?')
    expect(await refusal(`${own('{ size: 3 }')}sampling: { size: 4 }\n`)).toContain(
      'sampling.size is 4, but config.slsart.monitoring.size is 3',
    )
  })

  it('has a budget that all scenarios that may run share', async () => {
    const two = `${theirs('{ size: 3, errorBudget: 5 }').replace('scenarios:', 'scenarios:\n  - flow: [{ get: { url: /a } }]')}`
    expect((await read(two)).sampling.errorBudget).toBe(5)
    expect(await refusal(two.replace('errorBudget: 5', 'errorBudget: 6'))).toContain('below the 6 samples of a round')
  })
})
