/** One entry of `config.phases` to a Phase, its durations and rates in numbers. */
import type * as z from 'zod'
import { scriptErrors } from '../errors.ts'
import type { Load, Phase } from '../plan/profile.ts'
import type { Seconds } from '../units.ts'
import { parseDuration } from './duration.ts'
import type { Positions } from './positions.ts'
import type { phaseSchema } from './schema.ts'

type Spec = z.infer<typeof phaseSchema>

export function readPhase(spec: Spec, index: number, positions: Positions): Phase {
  const path = ['config', 'phases', index]
  const fail = (key: keyof Spec | null, message: string, hint: string | null = null): never => {
    throw scriptErrors.wrong(
      positions.of(key ? [...path, key] : path),
      positions.name(key ? [...path, key] : path),
      message,
      hint,
    )
  }
  const number = (key: keyof Spec): number | null => {
    const value = spec[key]
    if (value === undefined) return null
    const parsed = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value)
    if (!Number.isFinite(parsed)) fail(key, `"${value}" is not a number`)
    if (parsed < 0) fail(key, `${value} is below 0`)
    return parsed
  }
  const whole = (key: keyof Spec, least: number): number | null => {
    const value = number(key)
    if (value !== null && (!Number.isSafeInteger(value) || value < least))
      fail(key, `${value} is not a whole number ≥ ${least}`)
    return value
  }
  const time = (key: 'duration' | 'pause'): Seconds => {
    const seconds = parseDuration(spec[key])
    if (seconds === null || seconds <= 0) {
      return fail(key, `"${spec[key]}" is not a duration above 0`, 'For example: 60, 90s, 5m, 1h')
    }
    return seconds
  }

  const { mode = 'uniform' } = spec
  if (mode !== 'uniform' && mode !== 'poisson') fail('mode', `"${mode}" is not a mode`, 'Allowed: uniform, poisson.')
  const name = spec.name ?? `phase ${index + 1}`
  const maxVusers = whole('maxVusers', 1)
  const rate = number('arrivalRate')
  const rampTo = number('rampTo')
  const count = whole('arrivalCount', 0)

  if (spec.pause !== undefined) {
    if (rate !== null || rampTo !== null || count !== null || spec.duration !== undefined) {
      fail('pause', 'a pause has no other load and no duration of its own')
    }
    return { name, duration: time('pause'), load: { kind: 'pause' }, maxVusers }
  }
  if (spec.duration === undefined) fail(null, 'a phase needs a duration, or a pause')
  if (count !== null && (rate !== null || rampTo !== null))
    fail('arrivalCount', 'give arrivalCount or arrivalRate, not both')
  if (count === null && rate === null && rampTo === null) {
    fail(null, 'a phase needs arrivalRate, rampTo or arrivalCount', 'For no load at all, write `pause: 30`.')
  }
  // An arrivalCount is exact and even in either mode, as it is to Artillery.
  const load: Load =
    count !== null
      ? { kind: 'count', arrivals: count }
      : { kind: mode === 'poisson' ? 'poisson' : 'rate', from: rate ?? 0, to: rampTo ?? rate ?? 0 }
  return { name, duration: time('duration'), load, maxVusers }
}
