/**
 * What the JSON report looks like, schema slsart.report/1: keys may be added to it, none taken away or changed. Published in the
 * package as JSON Schema (`npm run docs` writes it). The Artillery-shaped part is as loose as Artillery's own.
 */
import * as z from 'zod'

const count = z.number().int().min(0)
const seconds = z.number()
const millis = z.number().min(0)
const text = z.string()
const usd = z.number().min(0)

const latency = z.strictObject({
  count,
  ...{
    min: millis,
    mean: millis,
    p50: millis,
    p75: millis,
    p90: millis,
    p95: millis,
    p99: millis,
    p999: millis,
    max: millis,
  },
})
const brief = z.strictObject({ p50: millis, p95: millis, p99: millis, max: millis })
const both = z.strictObject({ response: latency, service: latency })
const exchanges = { requests: count, responses: count, failures: count, latency_ms: both }

const ledger = {
  ...{ due: count, launched: count, skipped: count, lost: count, completed: count, failed: count, unfinished: count },
}

const failure = z.strictObject({
  ...{ code: text, message: text, scenario: text, endpoint: text.nullable(), status: count.nullable() },
  ...{ arrival: count, second: z.number().int() },
})

const tried = z.strictObject({
  ...{ name: text, ok: z.boolean() },
  steps: z.array(
    z.strictObject({
      ...{ step: text, status: count.nullable(), took_ms: millis, error: text.nullable() },
      asserted: z.array(z.strictObject({ ok: z.boolean(), said: text })),
    }),
  ),
})

const summary = z.strictObject({
  ...{
    min: millis,
    max: millis,
    count,
    mean: millis,
    p50: millis,
    median: millis,
    p75: millis,
    p90: millis,
    p95: millis,
  },
  ...{ p99: millis, p999: millis },
})
const period = {
  counters: z.record(text, z.number().int()),
  rates: z.record(text, z.number()),
  summaries: z.record(text, summary),
  histograms: z.record(text, summary),
  firstMetricAt: millis,
  lastMetricAt: millis,
  firstCounterAt: millis,
  lastCounterAt: millis,
  firstHistogramAt: millis,
  lastHistogramAt: millis,
}

const billed = { seconds: seconds.min(0), workers: count, unknown: count }

export const reportSchema = z.strictObject({
  schema: z.literal('slsart.report/1'),
  run: z.strictObject({
    ...{ id: text, seed: count, script: text, target: text, startedAt: z.iso.datetime(), endedAt: z.iso.datetime() },
    fleet: z.enum(['local', 'lambda']),
    /** Where on AWS, the run's home first; none for workers on one machine. */
    regions: z.array(text),
    engine: z.enum(['artillery', 'native', 'both']),
  }),
  plan: z.strictObject({
    arrivals: count,
    workers: count,
    /** null when workers cost nothing, or nobody knows. */
    estimateUsd: usd.nullable(),
    windows: z.array(z.looseObject({ from: seconds, to: seconds, workers: count, decidedBy: text })),
  }),
  ledger: z.strictObject({
    ...ledger,
    balanced: z.boolean(),
  }),
  /** How the load was steered while it ran: from when on, in seconds of the run. */
  epochs: z.array(
    z.strictObject({
      at: seconds,
      kind: z.enum(['scale', 'pause', 'resume', 'end-phase']),
      scale: z.number().min(0).optional(),
    }),
  ),
  /** Of the script's `after`, when it has one. */
  after: z.strictObject({ problem: text.nullable() }).nullable(),
  workers: z.strictObject({
    planned: count,
    reported: count,
    late: count,
    silent: count,
    lost: count,
    /** Slices that were tried again, since their worker was lost. */
    replaced: count,
    cancelled: count,
    /** From a worker's launch until the conductor heard that it was ready; and how far their clocks are apart as it was heard, with what their ways differ by. null: nobody heard. */
    start: z.strictObject({
      ready_ms: z.strictObject({ min: millis, p50: millis, max: millis }).nullable(),
      skew_ms: millis.nullable(),
    }),
    /** `ok`: neither late nor silent nor lost. `cpu`: of one processor, 1 is all of it. */
    each: z.array(
      z.strictObject({
        slice: count,
        is: z.enum(['waiting', 'starting', 'ready', 'running', 'done', 'lost', 'cancelled']),
        ...{ trouble: text.nullable(), ok: z.boolean(), attempts: count },
        ledger: z.strictObject(ledger),
        ...{ requests: count, responses: count, failures: count, lateness_ms: brief },
        health: z.strictObject({
          ...{ cpu: z.number().min(0), memoryBytes: count, loopDelayMax_ms: millis, inFlight: count, files: count },
          /** TCP sockets of its machine, and how many local ports there are for them; 0 when nobody knows. */
          ...{ ports: count, portLimit: count },
        }),
      }),
    ),
  }),
  /** Of scenarios that were tried out once each; null under load. */
  acceptance: z.strictObject({ scenarios: z.array(tried) }).nullable(),
  /** Of a monitoring round: how the scenarios were sampled, how many errors there were, and the first samples that had some; null otherwise. */
  monitoring: z
    .strictObject({
      ...{
        size: count,
        averagePause: seconds,
        pauseVariance: seconds,
        errorBudget: count,
        warningThreshold: z.number(),
      },
      ...{ samples: count, failed: count, errors: count, spent: z.boolean() },
      scenarios: z.array(z.strictObject({ name: text, samples: count, failed: count, errors: count })),
      failures: z.array(tried),
    })
    .nullable(),
  totals: z.strictObject({ requests: count, responses: count, failures: count }),
  latency_ms: z.strictObject({ response: latency, service: latency, lateness: latency }),
  /** What requests waited for: null when no request did. `dns`, `tcp` and `tls` are of connections that were made for one. */
  breakdown_ms: z.strictObject({
    ...{ dns: latency.nullable(), tcp: latency.nullable(), tls: latency.nullable(), firstByte: latency.nullable() },
  }),
  leavingOut: z.strictObject({ workers: z.array(count), latency_ms: both }).nullable(),
  /** The run of `--baseline`, as far as the two are compared. */
  baseline: z
    .strictObject({ id: text, ...exchanges, endpoints: z.array(z.strictObject({ endpoint: text, ...exchanges })) })
    .nullable(),
  phases: z.array(
    z.strictObject({
      ...{ name: text, from: seconds, duration: seconds, arrivals: count, warmUp: z.literal(true).optional() },
      ...{ launched: count, skipped: count, completed: count, failed: count, ...exchanges },
    }),
  ),
  scenarios: z.array(z.strictObject({ name: text, launched: count, ...exchanges })),
  endpoints: z.array(z.strictObject({ endpoint: text, ...exchanges })),
  /** What was sent from each region, which adds up to the whole. */
  regions: z.array(
    z.strictObject({
      ...{ region: text, weight: count, workers: z.strictObject({ planned: count, reported: count, lost: count }) },
      ledger: z.strictObject(ledger),
      ...exchanges,
      errors: z.array(z.strictObject({ code: text, count })),
    }),
  ),
  statuses: z.array(z.strictObject({ status: count, count })),
  /** `sample`: the earliest virtual user that failed by it; null when it failed none. */
  errors: z.array(z.strictObject({ code: text, count, sample: failure.nullable() })),
  thresholds: z.array(
    z.strictObject({
      ...{ expression: text, strict: z.boolean(), ok: z.boolean() },
      observed: z.record(text, z.union([z.number(), text]).nullable()),
      /** Over a span: the first in which it did not hold, else the last. */
      at: z.strictObject({ from: seconds, to: seconds }).nullable(),
      /** Whether it compares with a baseline. */
      relative: z.boolean(),
    }),
  ),
  series: z.array(
    z.strictObject({
      ...{ second: z.number().int(), launched: count, requests: count, responses: count, failures: count },
      ...{ response: brief, service: brief, lateness: brief },
    }),
  ),
  verdict: z.strictObject({
    result: z.enum(['pass', 'fail', 'inconclusive']),
    trust: z.enum(['trusted', 'degraded', 'invalid']),
    reasons: z.array(z.looseObject({ kind: text, message: text })),
  }),
  /**
   * At list prices, or at those that the script says are paid; null for workers on this machine that cost nothing. A part is null where no price is known; `actual` also when
   * Lambda has not said of every worker how long it bills it: what the others cost is `atLeast`, and the most that all can have cost `atMost`. `cap`: of --max-cost; null without one.
   */
  costUsd: z
    .strictObject({
      ...{ estimated: usd.nullable(), actual: usd.nullable(), atLeast: usd.nullable(), atMost: usd.nullable() },
      cap: usd.nullable(),
      billed: z.strictObject(billed),
    })
    .nullable(),
  /** null when workers were processes of one machine. */
  platform: z
    .strictObject({
      ...{ stage: text, region: text, function: text, arch: z.enum(['arm64', 'x86_64']), memoryMb: count },
      /** `workers`: those of which Lambda has said how long it bills them; `unknown`: the others that were launched. */
      billed: z.strictObject(billed),
      /** By CloudWatch, of the function over the minutes of the run, whoever called it. `isWhole`: all workers of the run are in it. null: not asked. */
      counted: z
        .strictObject({
          ...{ at: z.iso.datetime(), isWhole: z.boolean(), invocations: count, errors: count, throttles: count },
          ...{ concurrent: count.nullable(), duration_ms: millis.nullable() },
        })
        .nullable(),
    })
    .nullable(),
  /** HdrHistogram V2, deflated, base64; microseconds. */
  histograms: z.record(text, z.base64()),
  exit: z.strictObject({ code: count, all: z.array(count) }),
  aggregate: z.strictObject({ ...period, period: z.number() }),
  intermediate: z.array(z.strictObject({ ...period, period: text })),
})

export type ReportJson = z.infer<typeof reportSchema>
