/**
 * Limits that a script puts on its own run: `config.slsart.limits`, and serverless-artillery's `_split`, whose keys mean the
 * same here. Only what is written limits anything; two that contradict each other are refused.
 */
import * as z from 'zod'
import { scriptErrors } from '../errors.ts'
import type { Seconds } from '../units.ts'
import { parseDuration } from './duration.ts'
import type { Positions } from './positions.ts'

/** null: no limit. Rates are arrivals per second. */
export type Limits = {
  /** Of the whole script. */
  duration: Seconds | null
  arrivalRate: number | null
  /** Of one worker: how long its window may be, how fast it may start virtual users, how early it is launched. */
  window: Seconds | null
  arrivalRatePerWorker: number | null
  startUp: Seconds | null
}

const duration = z.union([z.number(), z.string()])
const rate = z.number().positive()
export const limitsSchema = z.strictObject({
  duration: duration.optional(),
  arrivalRate: rate.optional(),
  window: duration.optional(),
  arrivalRatePerWorker: rate.optional(),
  startUp: duration.optional(),
})

/** Each key of `_split`: which limit it is, what it allows, and how many of its units make one of ours. */
const SPLIT = {
  maxScriptDurationInSeconds: { limit: 'duration', least: 1, most: 518_400, unit: 1 },
  maxScriptRequestsPerSecond: { limit: 'arrivalRate', least: 1, most: 50_000, unit: 1 },
  maxChunkDurationInSeconds: { limit: 'window', least: 15, most: 885, unit: 1 },
  maxChunkRequestsPerSecond: { limit: 'arrivalRatePerWorker', least: 1, most: 500, unit: 1 },
  timeBufferInMilliseconds: { limit: 'startUp', least: 1, most: 30_000, unit: 1000 },
} as const satisfies Record<string, { limit: keyof Limits; least: number; most: number; unit: number }>

export const splitKeys: readonly string[] = Object.keys(SPLIT)

const noLimits = (): Limits => ({
  duration: null,
  arrivalRate: null,
  window: null,
  arrivalRatePerWorker: null,
  startUp: null,
})

export function readLimits(
  own: z.infer<typeof limitsSchema>,
  split: Record<string, unknown>,
  positions: Positions,
): Limits {
  const limits = { ...noLimits(), ...ownLimits(own, positions) }
  for (const [key, { limit, least, most, unit }] of Object.entries(SPLIT)) {
    const written = split[key]
    if (written === undefined) continue
    const at = positions.of(['_split', key])
    const where = `_split.${key}`
    if (typeof written !== 'number' || !Number.isInteger(written) || written < least || written > most) {
      throw scriptErrors.wrong(
        at,
        where,
        `must be a whole number from ${least} to ${most}, found ${JSON.stringify(written)}`,
      )
    }
    const value = written / unit
    const other = limits[limit]
    if (other !== null && other !== value)
      throw scriptErrors.contradiction(at, where, `config.slsart.limits.${limit}`, [value, other])
    limits[limit] = value
  }
  if (
    limits.arrivalRate !== null &&
    limits.arrivalRatePerWorker !== null &&
    limits.arrivalRatePerWorker > limits.arrivalRate
  ) {
    const at = positions.of(Object.keys(split).length > 0 ? ['_split'] : ['config', 'slsart', 'limits'])
    throw scriptErrors.contradiction(at, 'the limit for one worker', 'the limit for the script', [
      limits.arrivalRatePerWorker,
      limits.arrivalRate,
    ])
  }
  return limits
}

function ownLimits(own: z.infer<typeof limitsSchema>, positions: Positions): Partial<Limits> {
  const times: Partial<Limits> = {}
  for (const key of ['duration', 'window', 'startUp'] as const) {
    if (own[key] === undefined) continue
    const seconds = parseDuration(own[key])
    const path = ['config', 'slsart', 'limits', key]
    if (seconds === null || seconds <= 0)
      throw scriptErrors.wrong(positions.of(path), positions.name(path), `"${own[key]}" is not a duration above 0`)
    times[key] = seconds
  }
  return { ...times, arrivalRate: own.arrivalRate ?? null, arrivalRatePerWorker: own.arrivalRatePerWorker ?? null }
}
