import { describe, expect, it } from 'vitest'
import { regionsFor } from '../../../src/cli/regions.ts'
import { UsageError } from '../../../src/errors.ts'
import { realWorld } from '../../../src/world.ts'

const asked = (args: object, env: Record<string, string> = {}) => regionsFor({ ...args }, { ...realWorld(), env })
const share = (region: string, weight: number) => ({ region, weight })

describe('the regions of a run', () => {
  it.each<[string, object, ReturnType<typeof regionsFor>, Record<string, string>?]>([
    ['none', {}, { shares: [], home: null }],
    ['one', { region: 'eu-west-1' }, { shares: [], home: 'eu-west-1' }],
    ['one with a weight is one', { region: 'eu-west-1=3' }, { shares: [], home: 'eu-west-1' }],
    [
      'several, the first is the home',
      { region: ['eu-west-1=2', 'us-gov-east-1'] },
      { shares: [share('eu-west-1', 2), share('us-gov-east-1', 1)], home: 'eu-west-1' },
    ],
    [
      'from the environment',
      {},
      { shares: [share('eu-west-1', 1), share('us-east-1', 9)], home: 'eu-west-1' },
      { SLSART_REGION: 'eu-west-1, us-east-1=9' },
    ],
  ])('%s', (_, args, regions, env = {}) => {
    expect(asked(args, env)).toEqual(regions)
  })

  it.each([
    ['a weight of nothing', { region: ['eu-west-1=0', 'us-east-1'] }, 'found "eu-west-1=0"'],
    ['a weight that is none', { region: 'eu-west-1=much' }, 'found "eu-west-1=much"'],
    ['one that is none', { region: ['eu-west-1', 'mars'] }, 'found "mars"'],
    ['one twice', { region: ['eu-west-1', 'eu-west-1=2'] }, 'eu-west-1 was given twice'],
    ['several for a detached run', { region: ['eu-west-1', 'us-east-1'], detach: true }, '--detach is of one region'],
    [
      'several to try out in',
      { region: ['eu-west-1', 'us-east-1'], acceptance: true },
      '--acceptance is of one region',
    ],
    ['several on this machine', { region: ['eu-west-1', 'us-east-1'], local: true }, '--local is of one region'],
  ])('%s is refused', (_, args, says) => {
    expect(() => asked(args)).toThrow(UsageError)
    expect(() => asked(args)).toThrow(says)
  })
})
