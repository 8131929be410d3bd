/** The JSON report, schema slsart.report/1: Artillery's report, and beside it what it cannot say. */
import { periodOf } from '../measure/artillery.ts'
import { byDimension, endpointsOf, exchanges } from '../measure/exchanges.ts'
import { balances } from '../measure/ledger.ts'
import type { Totals } from '../measure/merge.ts'
import { named } from '../measure/names.ts'
import { type Latency, latency } from '../measure/summary.ts'
import { isLate, wasSilent } from '../measure/trust.ts'
import type { RunRecord } from '../run/record.ts'
import { countReplaced, countWorkers, ledgerOf, type RunState } from '../run/state.ts'
import { microsToMillis } from '../units.ts'
import { type Tried, tried } from './acceptance.ts'
import { sentence } from './advice.ts'
import { v2Base64 } from './hdr.ts'
import { monitored } from './monitoring.ts'
import { lambdaJson, startOf } from './platform.ts'
import { regionNames, regionsOf } from './regions.ts'
import type { Results } from './results.ts'
import type { ReportJson } from './schema.ts'

export function jsonReport(record: RunRecord, { series, periods, leftOut, workers }: Results): ReportJson {
  const { state, script, verdict, exit } = record
  const { plan, totals } = state
  const ledger = ledgerOf(state)
  const seconds = Math.max(1, series.length)
  const aggregate = periodOf(totals, { startedAt: record.startedAt, second: series[0]?.second ?? 0, seconds })
  return {
    schema: 'slsart.report/1',
    run: {
      id: record.id,
      seed: plan.seed,
      script: script.file,
      target: script.target,
      startedAt: new Date(record.startedAt).toISOString(),
      endedAt: new Date(record.endedAt).toISOString(),
      fleet: record.fleet,
      regions: regionNames(record),
      engine: record.engine,
    },
    plan: planJson(record),
    ledger: { ...ledger, balanced: balances(ledger) },
    epochs: [...state.epochs],
    after: record.after,
    workers: workersJson(state, workers),
    acceptance: record.steps && record.monitoring === null ? { scenarios: tried(record.steps).map(triedJson) } : null,
    monitoring: monitoringJson(record),
    totals: {
      requests: totals.counter('requests'),
      responses: totals.counter('responses'),
      failures: totals.counter('failures'),
    },
    latency_ms: {
      response: latency(totals.histogram('response')),
      service: latency(totals.histogram('service')),
      lateness: latency(totals.histogram('lateness')),
    },
    breakdown_ms: breakdown(totals),
    leavingOut: leftOut && {
      workers: leftOut.workers,
      latency_ms: { response: leftOut.response, service: leftOut.service },
    },
    baseline: record.baseline,
    phases: phasesOf(record),
    // Scenarios of one name are counted together, as in Artillery.
    scenarios: [...new Set(script.scenarios)].map((name) => ({
      name,
      launched: totals.counter(named('launched', 'scenario', name)),
      ...exchanges(totals, { dimension: 'scenario', value: name }),
    })),
    endpoints: endpointsOf(totals),
    regions: regionsOf(record),
    statuses: byDimension(totals, 'responses', 'status').map(({ value, count }) => ({ status: Number(value), count })),
    errors: byDimension(totals, 'errors', 'error').map(({ value, count }) => ({
      ...{ code: value, count, sample: totals.failures.get(value) ?? null },
    })),
    thresholds: record.thresholds.map(({ said, ...rest }) => ({ expression: said, ...rest })),
    series,
    verdict: { ...verdict, reasons: verdict.reasons.map((reason) => ({ ...reason, message: sentence(reason) })) },
    ...lambdaJson(record),
    histograms: Object.fromEntries(
      ['response', 'service', 'lateness'].map((name) => [name, v2Base64(totals.histogram(name))]),
    ),
    exit,
    aggregate: { ...aggregate, period: Number(periods.at(-1)?.period ?? aggregate.period) },
    intermediate: periods,
  }
}

const planJson = ({ cost, state: { plan } }: RunRecord): ReportJson['plan'] => ({
  ...{ arrivals: plan.arrivals, workers: plan.workers, estimateUsd: cost?.estimated ?? null },
  windows: plan.windows,
})

const workersJson = (state: RunState, each: Results['workers']): ReportJson['workers'] => ({
  planned: state.workers.length,
  reported: countWorkers(state, 'done'),
  late: state.workers.filter(({ condition }) => isLate(condition)).length,
  silent: state.workers.filter(({ condition }) => wasSilent(condition)).length,
  lost: countWorkers(state, 'lost'),
  replaced: countReplaced(state),
  cancelled: countWorkers(state, 'cancelled'),
  start: startOf(state.workers),
  each,
})

function phasesOf({ state: { plan, totals }, script }: RunRecord): ReportJson['phases'] {
  return plan.profile.pieces.map(({ name, from, duration, arrivals }, i) => ({
    ...{ name, from, duration, arrivals },
    ...(script.warmUp.includes(i) ? { warmUp: true } : {}),
    launched: totals.counter(named('launched', 'phase', i)),
    skipped: totals.counter(named('skipped', 'phase', i)),
    completed: totals.counter(named('completed', 'phase', i)),
    failed: totals.counter(named('failed', 'phase', i)),
    ...exchanges(totals, { dimension: 'phase', value: String(i) }),
  }))
}

const triedJson = ({ name, ok, steps }: Tried): NonNullable<ReportJson['acceptance']>['scenarios'][number] => ({
  ...{ name, ok },
  steps: steps.map(({ step, status, took, asserted, error }) => ({
    ...{ step, status, took_ms: microsToMillis(took), asserted, error },
  })),
})

function monitoringJson({ steps, monitoring }: RunRecord): ReportJson['monitoring'] {
  if (monitoring === null) return null
  const { failures, ...round } = monitored(steps ?? [], monitoring)
  return { ...monitoring, ...round, failures: failures.map(triedJson) }
}

function breakdown(totals: Totals): ReportJson['breakdown_ms'] {
  const of = (name: string): Latency | null => {
    const histogram = totals.histogram(name)
    return histogram.count === 0 ? null : latency(histogram)
  }
  return { dns: of('dns'), tcp: of('tcp'), tls: of('tls'), firstByte: of('first-byte') }
}
