/** Where a run's workers are to be: the regions of --region, or of SLSART_REGION, each with its weight. */
import type { RegionShare } from '../plan/regions.ts'
import { regionErrors } from '../region-errors.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { textFlag } from './said.ts'

const ONE = /^([a-z]{2,4}(?:-[a-z]+)+-\d)(?:=([1-9]\d{0,2}))?$/

/** What is of one region, and of no more. */
const ALONE = ['local', 'detach', 'acceptance', 'monitoring'] as const

/** `shares`: none unless there are several. `home`: what everything else is asked of that knows one region only; null: nobody said. */
export type Regions = { shares: readonly RegionShare[]; home: string | null }

/** Throws a UsageError for what is no region, one that is there twice, and several where there can be one. */
export function regionsFor(args: Args, world: World): Regions {
  const text = textFlag(args, world, 'region')
  if (text === null) return { shares: [], home: null }
  const parts = text.split(',').map((part) => part.trim())
  // What is one region, and wrong, is told by who knows what a region is.
  if (parts.length === 1 && !text.includes('=')) return { shares: [], home: text }
  const shares = parts.map((part) => {
    const [, region, weight = '1'] = ONE.exec(part) ?? []
    if (region === undefined) throw regionErrors.wrong(part)
    return { region, weight: Number(weight) }
  })
  const twice = shares.find(({ region }, i) => shares.findIndex((other) => other.region === region) < i)
  if (twice !== undefined) throw regionErrors.twice(twice.region)
  const home = shares[0]?.region ?? null
  if (shares.length === 1) return { shares: [], home }
  const [alone] = ALONE.filter((flag) => args[flag] === true)
  if (alone !== undefined) throw regionErrors.one(`--${alone}`)
  return { shares, home }
}

/** The arguments as of a run in one region. */
export const inRegion = (args: Args, region: string | null): Args => (region === null ? args : { ...args, region })
