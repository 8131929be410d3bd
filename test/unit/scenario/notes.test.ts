import { describe, expect, it } from 'vitest'
import { GOOD, good, read } from './folder.ts'

const ROWS = '  payload: { path: users.csv, fields: [name], order: sequence }\n  phases:'

describe('what a user of Artillery is told of a script', () => {
  it.each<[string, string, string[]]>([
    ['nothing, when nothing differs', GOOD, []],
    ['that a rate which its timer cannot keep is exact', good('arrivalRate: 5', 'arrivalRate: 600'), ['arrivals']],
    ['that a fraction of an arrival a second is possible', good('arrivalRate: 5', 'arrivalRate: 0.5'), ['arrivals']],
    ['that ramps are even', good('arrivalRate: 5', 'arrivalRate: 1\n      rampTo: 5'), ['ramps']],
    ['that rows start with the first', good('  phases:', ROWS).replace('- flow', '- weight: 2\n    flow'), ['rows']],
    ['that fractions of weights count', good('- flow', '- weight: 1.5\n    flow'), ['weights']],
    [
      'that fractions of think times are waited',
      good('get: { url: / }', 'loop: [{ think: 0.5 }]\n        count: 2'),
      ['think'],
    ],
    ['that a chance is what it says', good('url: /', 'url: /, probability: 30'), ['probability']],
    [
      'that what never happens is 0',
      good('  phases:', '  ensure: { thresholds: [{ errors.ETIMEDOUT: 1 }] }\n  phases:'),
      ['never'],
    ],
    ['that parallel waits', good('get: { url: / }', 'parallel: [{ get: { url: / } }]'), ['parallel']],
  ])('%s', async (_, script, notes) => {
    const files = { 'users.csv': 'ada\nbo\n' }
    expect((await read(script, files)).notes).toEqual(notes)
    const kept = notes.filter((note) => ['arrivals', 'ramps', 'parallel'].includes(note))
    expect((await read(script, files, { strict: true })).notes).toEqual(kept)
  })

  it('not that parallel waits when there is a pool', async () => {
    const script = good('get: { url: / }', 'parallel: [{ get: { url: / } }]').replace(
      '  phases',
      '  http: { pool: 5 }\n  phases',
    )
    expect((await read(script)).notes).toEqual([])
  })

  it('with --strict-compat a fraction of a weight is cut off', async () => {
    const script = good('- flow', '- weight: 1.5\n    flow')
    expect((await read(script, {}, { strict: true })).scenarios[0]?.weight).toBe(1)
  })
})
