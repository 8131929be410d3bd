/** The JSON report, schema slsart.report/1: Artillery's report, and beside it what it cannot say. */
import { deflateSync } from 'node:zlib'
import { periodOf } from '../measure/artillery.ts'
import { ByteWriter } from '../measure/bytes.ts'
import { writeCounts } from '../measure/counts.ts'
import { HIGHEST, type Histogram, LOWEST, SIGNIFICANT_DIGITS } from '../measure/histogram.ts'
import { balances } from '../measure/ledger.ts'
import type { Totals } from '../measure/merge.ts'
import { type Dimension, named } from '../measure/names.ts'
import { latency } from '../measure/summary.ts'
import { isLate } from '../measure/trust.ts'
import type { RunRecord } from '../run/record.ts'
import { countWorkers, ledgerOf } from '../run/state.ts'
import { sentence } from './advice.ts'
import { byDimension, type Results } from './results.ts'

export function jsonReport(record: RunRecord, { series, periods }: Results): object {
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
      script: script.source.file,
      target: script.target,
      startedAt: new Date(record.startedAt).toISOString(),
      endedAt: new Date(record.endedAt).toISOString(),
      fleet: record.fleet,
      engine: 'artillery',
    },
    plan: { arrivals: plan.arrivals, workers: plan.workers, windows: plan.windows },
    ledger: { ...ledger, balanced: balances(ledger) },
    after: record.after,
    workers: {
      planned: state.workers.length,
      reported: countWorkers(state, 'done'),
      late: state.workers.filter(({ punctuality }) => isLate(punctuality)).length,
      lost: countWorkers(state, 'lost'),
      cancelled: countWorkers(state, 'cancelled'),
    },
    latency_ms: {
      response: latency(totals.histogram('response')),
      service: latency(totals.histogram('service')),
      lateness: latency(totals.histogram('lateness')),
    },
    phases: plan.profile.pieces.map(({ name, from, duration, arrivals }, i) => ({
      ...{ name, from, duration, arrivals },
      launched: totals.counter(named('launched', 'phase', i)),
      skipped: totals.counter(named('skipped', 'phase', i)),
      completed: totals.counter(named('completed', 'phase', i)),
      failed: totals.counter(named('failed', 'phase', i)),
      ...exchanges(totals, 'phase', String(i)),
    })),
    // Scenarios of one name are counted together, as in Artillery.
    scenarios: [...new Set(script.scenarios.map(({ name }) => name))].map((name) => ({
      name,
      launched: totals.counter(named('launched', 'scenario', name)),
      ...exchanges(totals, 'scenario', name),
    })),
    endpoints: byDimension(totals, 'requests', 'endpoint').map(({ value }) => ({
      endpoint: value,
      ...exchanges(totals, 'endpoint', value),
    })),
    statuses: byDimension(totals, 'responses', 'status').map(({ value, count }) => ({ status: Number(value), count })),
    errors: byDimension(totals, 'errors', 'error').map(({ value, count }) => ({ code: value, count })),
    thresholds: record.thresholds.map(({ said, strict, ok, observed }) => ({ expression: said, strict, ok, observed })),
    series,
    verdict: { ...verdict, reasons: verdict.reasons.map((reason) => ({ ...reason, message: sentence(reason) })) },
    histograms: Object.fromEntries(
      ['response', 'service', 'lateness'].map((name) => [name, v2Base64(totals.histogram(name))]),
    ),
    exit,
    aggregate: { ...aggregate, period: Number(periods.at(-1)?.period ?? aggregate.period) },
    intermediate: periods,
  }
}

/** Requests, answers and both latencies of one value of a dimension. */
function exchanges(totals: Totals, dimension: Dimension, value: string): object {
  return {
    requests: totals.counter(named('requests', dimension, value)),
    responses: totals.counter(named('responses', dimension, value)),
    failures: totals.counter(named('failures', dimension, value)),
    latency_ms: {
      response: latency(totals.histogram(named('response', dimension, value))),
      service: latency(totals.histogram(named('service', dimension, value))),
    },
  }
}

const COOKIE = 0x1c849313
const COMPRESSED_COOKIE = 0x1c849314
const HEADER = 40

/** A whole histogram as any HDR reader takes it: V2, deflated, base64. */
export function v2Base64(histogram: Histogram): string {
  const counts = new ByteWriter()
  writeCounts(histogram, counts)
  const plain = Buffer.alloc(HEADER + counts.length)
  plain.writeInt32BE(COOKIE, 0)
  plain.writeInt32BE(counts.length, 4)
  plain.writeInt32BE(0, 8)
  plain.writeInt32BE(SIGNIFICANT_DIGITS, 12)
  plain.writeBigInt64BE(BigInt(LOWEST), 16)
  plain.writeBigInt64BE(BigInt(HIGHEST), 24)
  plain.writeDoubleBE(1, 32)
  plain.set(counts.written(), HEADER)
  const packed = deflateSync(plain)
  const head = Buffer.alloc(8)
  head.writeInt32BE(COMPRESSED_COOKIE, 0)
  head.writeInt32BE(packed.length, 4)
  return Buffer.concat([head, packed]).toString('base64')
}
