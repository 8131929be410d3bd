/** A plan as text and as JSON, schema slsart.plan/1. */
import { refusalText } from '../errors.ts'
import { arrivalsIn } from '../plan/arrivals.ts'
import type { DecidedBy } from '../plan/capacity.ts'
import { ASSUMED_LATENCY, type Plan } from '../plan/plan.ts'
import { PRICES_DATE } from '../plan/prices.ts'
import { type Curve, peakIn, peakRate, rate } from '../plan/profile.ts'
import { regionRefusalText } from '../region-errors.ts'
import type { Fit } from '../run/prepare.ts'
import type { Scenario, Script } from '../scenario/script.ts'
import { placeText, type Stranger, strangersHint, strangerText } from '../target-errors.ts'
import { grouped, type Usd } from '../units.ts'
import { cappedText, engineText, noteText } from './advice.ts'
import { usd } from './cells.ts'
import { chart } from './chart.ts'
import { columns } from './columns.ts'

const MOST_ROWS = 24
const CHART_COLUMNS = 60
const CHART_ROWS = 4

/** What --max-cost makes of a plan: the least that it can be held with, what surely is enough (null: nobody knows, or it costs nothing), and why it would be refused. */
export type Capped = { usd: Usd; least: Usd | null; enough: Usd | null; refused: string | null }

/**
 * What a plan meets: on Lambda, `fit`; hosts that it may not go to, `strangers`; a cap on what it may cost. `fit: null` for workers on this machine: they answer to no
 * account.
 */
export type Met = { fit: Fit | null; strangers: readonly Stranger[]; capped: Capped | null }

export function planJson(script: Script, plan: Plan, { fit, strangers, capped }: Met): object {
  const { profile, windows, workers, shape, seed, lifetime } = plan
  return {
    schema: 'slsart.plan/1',
    plan: {
      arrivals: plan.arrivals,
      workers,
      windows,
      seed,
      peakArrivalRate: peakRate(profile),
      lifetime,
      shape,
      ...(fit?.price ? { estimateUsd: fit.price.expected.usd } : {}),
    },
    phases: profile.pieces.map(({ name, from, duration, arrivals, maxVusers, curve }, i) => ({
      ...{ name, from, duration, startRate: curve.startRate, endRate: curve.endRate, arrivals },
      ...(curve.draws === null ? {} : { mode: 'poisson' }),
      ...(maxVusers === null ? {} : { maxVusers }),
      ...(script.warmUp.includes(i) ? { warmUp: true } : {}),
    })),
    windows: windowRows(plan),
    feeds: script.feeds.map(({ path, order, rows }) => ({ path, order, rows: rows.length })),
    ...(fit ? { price: fit.price, machine: fit.machine } : {}),
    ...(fit && fit.regions.length > 0 ? { regions: fit.regions } : {}),
    maxCost: capped,
    refusals: [
      ...(fit?.refusals ?? []),
      ...strangers.map((stranger) => ({ what: 'target', ...stranger, message: strangerText(stranger) })),
    ],
    nearest: fit?.nearest ?? null,
    hooks: script.hooks,
    notes: script.notes.map((note) => ({ kind: note, message: noteText(note) })),
    engines: script.scenarios.map(({ name, engine, why }) => ({
      ...{ scenario: name, engine, kind: why.kind, reason: engineText(why) },
    })),
  }
}

export function planText(script: Script, plan: Plan, { fit, strangers, capped }: Met): string {
  const { profile, seed, shape, workers } = plan
  const rows = windowRows(plan)
  const lines = [
    `${script.source.file} → ${script.target}`,
    `${grouped(profile.arrivals)} arrivals over ${grouped(profile.duration)} s, seed ${seed}`,
    '',
    ...curve(plan),
    '',
    ...columns([
      ['phase', 'from', 'for', 'arrival rate', 'arrivals', 'maxVusers'],
      ...profile.pieces.map(({ name, from, duration, arrivals, maxVusers, curve }, i) => [
        script.warmUp.includes(i) ? `${name} (warm-up)` : name,
        `${grouped(from)} s`,
        `${grouped(duration)} s`,
        arrivalRate(curve),
        grouped(arrivals),
        maxVusers === null ? '' : grouped(maxVusers),
      ]),
    ]),
    '',
    ...columns([
      ['window', 'workers', 'decided by', 'arrivals', 'each about', 'at work at once'],
      ...rows
        .slice(0, MOST_ROWS)
        .map(({ from, to, workers, decidedBy, arrivals, atOnce }) => [
          `${grouped(from)}–${grouped(to)} s`,
          grouped(workers),
          WHY[decidedBy],
          grouped(arrivals),
          grouped(Math.round(arrivals / workers)),
          grouped(Math.round(atOnce)),
        ]),
    ]),
    ...(rows.length > MOST_ROWS
      ? [`and ${rows.length - MOST_ROWS} windows more, ${grouped(workers)} workers in all`]
      : []),
    `A virtual user: ${grouped(shape.requests)} requests, ${grouped(shape.seconds)} s with ${ASSUMED_LATENCY} s assumed for each answer.`,
    '',
    ...feeds(script, plan),
    ...engines(script),
    '',
    ...(fit && fit.regions.length > 0 ? [...regionRows(fit), ''] : []),
    ...(fit ? [...priceLines(fit), ''] : []),
    ...(capped ? [cappedText(capped), ''] : []),
    ...targets(strangers),
    ...hooks(script),
    ...notes(script),
    'No request was sent.',
  ]
  return `${lines.join('\n')}\n`
}

function arrivalRate({ startRate, endRate, draws }: Curve): string {
  const rates = startRate === endRate ? `${grouped(startRate)}/s` : `${grouped(startRate)} → ${grouped(endRate)}/s`
  return draws === null ? rates : `${rates}, poisson`
}

const notes = ({ notes }: Script): string[] =>
  notes.length === 0 ? [] : [...notes.map((note) => `note: ${noteText(note)}`), '']

/** Why it is this engine, after each row: a sentence is no cell. */
function engines({ scenarios }: Script): string[] {
  const rows = scenarios.map(({ name, weight, engine }) => [name, String(weight), engine])
  const [head = '', ...lines] = columns([['scenario', 'weight', 'engine'], ...rows])
  return [head, ...lines.map((line, i) => `${line}: ${engineText((scenarios[i] as Scenario).why)}`)]
}

function targets(strangers: readonly Stranger[]): string[] {
  if (strangers.length === 0) return []
  const hint = strangersHint(strangers)
  return [
    ...strangers.map((stranger) => `Would be refused: ${placeText(stranger.at)}: ${strangerText(stranger)}.`),
    ...(hint === null ? [] : [hint]),
    '',
  ]
}

function hooks({ hooks }: Script): string[] {
  const names = (['before', 'after'] as const).filter((name) => hooks[name] !== null)
  return names.length === 0 ? [] : [`Once a run, outside the load: ${names.join(', ')}.`, '']
}

const WHY: Record<DecidedBy, string> = {
  asked: '--workers',
  cpu: 'processor',
  connections: 'connections',
  bandwidth: 'bandwidth',
  limit: "script's limit",
  'max-vusers': 'maxVusers',
  regions: "regions' shares",
  least: 'one is enough',
}

type WindowRow = { from: number; to: number; workers: number; decidedBy: DecidedBy; arrivals: number; atOnce: number }

/** `atOnce`: virtual users at work at the window's busiest, by Little's law on the assumed session. */
function windowRows({ profile, windows, shape }: Plan): WindowRow[] {
  return windows.map(({ from, to, workers, decidedBy }) => {
    const { first, end } = arrivalsIn(profile, { from, to })
    return {
      from,
      to,
      workers,
      decidedBy,
      arrivals: end - first,
      atOnce: peakIn(profile, { from, to }) * shape.seconds,
    }
  })
}

/** The load curve, its highest column marked with the peak. */
function curve({ profile }: Plan): string[] {
  const heights = Array.from({ length: CHART_COLUMNS }, (_, i) =>
    rate(profile, ((i + 0.5) / CHART_COLUMNS) * profile.duration),
  )
  const lines = chart(heights, CHART_ROWS)
  return [
    ...lines.map((line, i) => (i === 0 ? `${line} peak ${grouped(peakRate(profile))}/s` : line.trimEnd())),
    `0 s${`${grouped(profile.duration)} s`.padStart(CHART_COLUMNS - 3)}`,
  ]
}

/** The share of each region, and whether it has room for it. */
const regionRows = ({ regions }: Fit): string[] => {
  const all = regions.reduce((sum, { workers }) => sum + workers, 0)
  return [
    ...columns([
      ['region', 'weight', 'workers', 'of all', 'room at once'],
      ...regions.map(({ region, weight, workers, limits }) => [
        ...[region, grouped(weight), grouped(workers), `${grouped(Math.round((1000 * workers) / all) / 10)} %`],
        grouped(limits.workers),
      ]),
    ]),
    ...regions.flatMap(({ region, refusals }) =>
      refusals.map((refusal) => `Would be refused in ${region}: ${regionRefusalText(refusal)}.`),
    ),
  ]
}

function priceLines({ machine, price, limits, refusals, nearest, regions }: Fit): string[] {
  const names = [machine, ...(machine.others ?? [])].map(({ region }) => region)
  const where = `${names.join(' + ')}, ${machine.arch}, ${grouped(machine.memoryMb)} MB`
  const account = `an account with ${grouped(limits.workers)} concurrent workers`
  const fits = refusals.map((refusal) => `Would be refused by ${account}: ${refusalText(refusal)}.`)
  return [
    ...(price
      ? [
          `price on Lambda (${where}, ${PRICES_DATE}): ${usd(price.low.usd)} to ${usd(price.expected.usd)}; ` +
            `${usd(price.low.usdAfterFreeTier)} to ${usd(price.expected.usdAfterFreeTier)} within an unused free tier`,
        ]
      : [`price on Lambda: not known for ${names.join(' + ')}`]),
    ...(regions.length > 0 ? [] : refusals.length === 0 ? [`Fits ${account}.`] : fits),
    ...(nearest === null
      ? []
      : [`The nearest plan that fits sends ${Math.round(nearest * 100)} % of these arrival rates.`]),
  ]
}

function feeds(script: Script, { arrivals }: Plan): string[] {
  if (script.feeds.length === 0) return []
  const use = (rows: number): string =>
    rows >= arrivals ? 'none is used twice' : `each is used about ${grouped(Math.round(arrivals / rows))} times`
  return [
    ...columns([
      ['data', 'rows', 'order', ''],
      ...script.feeds.map(({ path, rows, order, loadAs }) => [
        path,
        grouped(rows.length),
        loadAs === null ? order : 'all',
        loadAs === null ? (order === 'sequence' ? use(rows.length) : 'drawn by seed') : `as ${loadAs}`,
      ]),
    ]),
    '',
  ]
}
