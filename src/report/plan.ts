/** A plan as text and as JSON, schema slsart.plan/1. */

import type { Plan } from '../plan/plan.ts'
import { peakRate } from '../plan/profile.ts'
import type { Script } from '../scenario/script.ts'
import { columns } from './columns.ts'

const MOST_SLICES = 16

/** `arrivalsOf[i]`: how many arrivals slice i owns. */
export function planJson(script: Script, plan: Plan, arrivalsOf: readonly number[]): object {
  return {
    schema: 'slsart.plan/1',
    plan: { arrivals: plan.arrivals, workers: plan.slices.length, windows: plan.windows, seed: plan.seed },
    phases: plan.profile.pieces.map(({ name, from, duration, startRate, endRate, arrivals, maxVusers }) => ({
      ...{ name, from, duration, startRate, endRate, arrivals },
      ...(maxVusers === null ? {} : { maxVusers }),
    })),
    windows: plan.windows,
    slices: plan.slices.map((slice, i) => ({ ...slice, arrivals: arrivalsOf[i] })),
    engines: script.scenarios.map(({ name }) => ({ scenario: name, engine: 'artillery' })),
  }
}

export function planText(script: Script, plan: Plan, arrivalsOf: readonly number[]): string {
  const { profile, slices, seed } = plan
  const phases = profile.pieces.map(({ name, from, duration, startRate, endRate, arrivals }) => [
    name,
    `${number(from)} s`,
    `${number(duration)} s`,
    startRate === endRate ? `${number(startRate)}/s` : `${number(startRate)} → ${number(endRate)}/s`,
    number(arrivals),
  ])
  const shown = slices
    .slice(0, MOST_SLICES)
    .map(({ stripe, window }, i) => [
      `worker ${i}`,
      stripe.of === 1 ? 'every arrival' : `every ${stripe.of}${ordinal(stripe.of)} arrival from ${stripe.index}`,
      `${number(window.from)}–${number(window.to)} s`,
      number(arrivalsOf[i] ?? 0),
    ])
  const rest = slices.length - shown.length
  const lines = [
    `${script.source.file} → ${script.target}`,
    `${number(profile.arrivals)} arrivals over ${number(profile.duration)} s, peak ${number(peakRate(profile))}/s, seed ${seed}`,
    '',
    ...columns([['phase', 'from', 'for', 'arrival rate', 'arrivals'], ...phases]),
    '',
    ...columns([[`${slices.length} workers`, 'stripe', 'window', 'arrivals'], ...shown]),
    ...(rest > 0 ? [`and ${rest} more`] : []),
    '',
    ...columns([
      ['scenario', 'weight', 'engine'],
      ...script.scenarios.map(({ name, weight }) => [name, String(weight), 'artillery']),
    ]),
    '',
    'No request was sent.',
  ]
  return `${lines.join('\n')}\n`
}

const number = (n: number): string => n.toLocaleString('en-US', { maximumFractionDigits: 3 })
const ordinal = (n: number): string => (n === 1 ? 'st' : n === 2 ? 'nd' : n === 3 ? 'rd' : 'th')
