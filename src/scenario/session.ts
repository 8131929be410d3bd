/**
 * How long a virtual user is likely to live and how much it sends, read off the flow before anything runs: what the plan
 * sizes workers by. Loops whose count is not written down count once, and the plan says that it guessed.
 */
import type { Seconds } from '../units.ts'
import { parseDuration } from './duration.ts'
import type { EngineName } from './engine.ts'
import { isObject } from './objects.ts'
import type { Script } from './script.ts'

/**
 * Means over the scenarios by weight. `longest`: all think times of the slowest scenario, and then a request to its timeout.
 * `kinds`: what each scenario that has any weight contributes, `share` of the virtual users with so many `requests` each.
 */
export type Session = {
  requests: number
  thinking: Seconds
  longest: Seconds
  guessed: boolean
  kinds: { engine: EngineName; share: number; requests: number }[]
}

type Part = Pick<Session, 'requests' | 'thinking' | 'guessed'>

/** Artillery's time to the response's headers, when the script sets none. */
const TIMEOUT: Seconds = 10

export function sessionOf({ scenarios, config }: Script): Session {
  const http = isObject(config.http) ? config.http : {}
  const timeout = Number(config.timeout ?? http.timeout ?? TIMEOUT)
  const total = scenarios.reduce((sum, { weight }) => sum + weight, 0)
  const mean: Session = { requests: 0, thinking: 0, longest: 0, guessed: false, kinds: [] }
  for (const { weight, spec, engine } of scenarios) {
    if (weight === 0) continue
    const one = flowOf(spec.flow as unknown[])
    mean.kinds.push({ engine, share: weight / total, requests: one.requests })
    mean.requests += (one.requests * weight) / total
    mean.thinking += (one.thinking * weight) / total
    mean.longest = Math.max(mean.longest, one.thinking)
    mean.guessed ||= one.guessed
  }
  return { ...mean, longest: mean.longest + timeout }
}

function flowOf(flow: readonly unknown[]): Part {
  const sum = { requests: 0, thinking: 0, guessed: false }
  for (const step of flow) {
    const one = stepOf(isObject(step) ? step : {})
    sum.requests += one.requests
    sum.thinking += one.thinking
    sum.guessed ||= one.guessed
  }
  return sum
}

function stepOf(step: Record<string, unknown>): Part {
  if (step.think !== undefined) {
    const thinking = parseDuration(step.think)
    return { requests: 0, thinking: thinking ?? 0, guessed: thinking === null }
  }
  if (Array.isArray(step.loop)) {
    const times = timesOf(step)
    const once = flowOf(step.loop)
    const n = times ?? 1
    return {
      ...once,
      requests: once.requests * n,
      thinking: once.thinking * n,
      guessed: once.guessed || times === null,
    }
  }
  if (Array.isArray(step.parallel)) return flowOf(step.parallel)
  if (step.function !== undefined || step.log !== undefined) return { requests: 0, thinking: 0, guessed: false }
  const request = Object.values(step).find(isObject) ?? {}
  const chance =
    request.probability === undefined ? 1 : Math.min(100, Math.max(0, Number(request.probability) || 0)) / 100
  return { requests: chance, thinking: 0, guessed: false }
}

/** How often a loop runs, or null when only running it could tell. */
function timesOf({ count, over, whileTrue }: Record<string, unknown>): number | null {
  if (whileTrue !== undefined) return null
  if (over !== undefined) return Array.isArray(over) ? over.length : null
  const range = /^(\d+)-(\d+)$/.exec(String(count))
  if (range) return Math.max(0, Number(range[2]) - Number(range[1]))
  const times = Number(count)
  // Artillery runs a loop without a count, or with 0, for ever.
  return Number.isFinite(times) && times > 0 ? times : null
}
