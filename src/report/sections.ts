/** The HTML report's sections, each from the JSON report alone, so that no number on the page is another than there. */
import { errorsAdvice } from './advice.ts'
import { int } from './cells.ts'
import { type Cell, count, html, type Markup, millis, table } from './markup.ts'
import { platformLines } from './platform.ts'
import type { ReportJson } from './schema.ts'

/** Beyond it a table is no help, and a file of a run with names without end too large. */
const MOST_ROWS = 200
const MOST_WORKERS = 1_000
/** In one cell. */
const MOST_CODES = 5

type Latency = ReportJson['latency_ms']['response']
type Section = { id: string; title: string; body: (Markup | null)[] }

const POINTS = ['min', 'mean', 'p50', 'p75', 'p90', 'p95', 'p99', 'p999', 'max'] as const
const HEADS = POINTS.map((point) => (point === 'p999' ? 'p99.9' : point))
const BRIEF = ['p50', 'p95', 'p99', 'max'] as const

const at = (latency: Latency, point: (typeof POINTS)[number]): number | null =>
  latency.count === 0 ? null : latency[point]

const state = (ok: boolean, good: string, bad: string): Markup =>
  ok ? html`<span class="good">✓ ${good}</span>` : html`<span class="bad">✗ ${bad}</span>`

/** In the order of the page; those with nothing to say are left out. Tried out once each, requests have no latencies to speak of. */
export function sectionsOf(json: ReportJson, charts: Markup): Section[] {
  const load = isLoad(json)
  const sections: Section[] = [
    { id: 'thresholds', title: 'Thresholds', body: [thresholds(json)] },
    { id: 'steps', title: 'Scenarios tried out', body: [sampled(json), ...tried(json)] },
    { id: 'ledger', title: 'Every arrival accounted for', body: ledger(json) },
    { id: 'charts', title: 'Over time', body: load ? [charts] : [] },
    { id: 'latencies', title: 'Latencies', body: load ? [latencies(json)] : [] },
    { id: 'baseline', title: 'Compared with the baseline', body: load ? comparison(json) : [] },
    { id: 'endpoints', title: 'Endpoints', body: load ? [endpoints(json)] : [] },
    { id: 'regions', title: 'Regions', body: load ? [regions(json)] : [] },
    { id: 'phases', title: 'Phases', body: load ? [phases(json)] : [] },
    { id: 'scenarios', title: 'Scenarios', body: load ? [scenarios(json)] : [] },
    { id: 'answers', title: 'Answers and errors', body: [statuses(json), errors(json), ...advice(json)] },
    { id: 'platform', title: 'On Lambda', body: [platform(json)] },
    { id: 'workers', title: 'Workers', body: [workers(json)] },
  ]
  return sections.filter(({ body }) => body.some((part) => part !== null))
}

function thresholds({ thresholds }: ReportJson): Markup | null {
  const rows = thresholds.map(({ expression, strict, ok, observed, at }) => [
    html`<code>${expression}</code>${strict ? null : ' (optional)'}`,
    state(ok, 'held', 'did not hold'),
    Object.entries(observed)
      .map(([name, value]) => `${name} ${value ?? 'not measured'}`)
      .join(', '),
    at === null ? 'whole run' : `${at.from} s to ${at.to} s`,
  ])
  return table({ caption: 'What was asked of the run', heads: ['threshold', 'result', 'observed', 'over'], rows })
}

/** Not of scenarios that were only tried out. */
export const isLoad = ({ acceptance, monitoring }: Pick<ReportJson, 'acceptance' | 'monitoring'>): boolean =>
  acceptance === null && monitoring === null

function sampled({ monitoring }: ReportJson): Markup | null {
  if (monitoring === null) return null
  const { errors, errorBudget, scenarios } = monitoring
  return table({
    caption: `${int(errors)} errors, and ${int(errorBudget)} are tolerated`,
    heads: ['scenario', 'samples', 'failed', 'errors'],
    rows: scenarios.map(({ name, samples, failed, errors }) => [name, ...[samples, failed, errors].map(count)]),
  })
}

const tried = ({ acceptance, monitoring }: ReportJson): (Markup | null)[] =>
  (acceptance?.scenarios ?? monitoring?.failures ?? []).map(({ name, ok, steps }) =>
    table({
      caption: `${name}: ${ok ? 'ok' : 'FAIL'}`,
      heads: ['step', 'status', 'ms', 'result'],
      rows: steps.map(({ step, status, took_ms, error, asserted }) => [
        html`<code>${step}</code>`,
        { value: status, shown: status === null ? '–' : String(status) },
        millis(took_ms),
        html`${asserted.map(({ ok, said }) => html`<div>${state(ok, said, said)}</div>`)}${error === null ? null : html`<div>${state(false, '', error)}</div>`}${asserted.length === 0 && error === null ? 'asserts nothing' : null}`,
      ]),
    }),
  )

function ledger({ ledger }: ReportJson): (Markup | null)[] {
  const { due, launched, skipped, lost, completed, failed, unfinished, balanced } = ledger
  return [
    html`<p>due = launched + skipped + lost, and launched = completed + failed + unfinished: ${state(balanced, 'balanced', 'not balanced')}.</p>`,
    table({
      caption: 'Virtual users',
      heads: ['due', 'launched', 'skipped', 'lost', 'completed', 'failed', 'unfinished'],
      rows: [[due, launched, skipped, lost, completed, failed, unfinished].map(count)],
    }),
  ]
}

const latencyCells = (latency: Latency): Cell[] => [
  count(latency.count),
  ...POINTS.map((point) => millis(at(latency, point))),
]

function latencies({ latency_ms, breakdown_ms, leavingOut }: ReportJson): Markup | null {
  const rows: [string, Latency | null][] = [
    ['response', latency_ms.response],
    ['service', latency_ms.service],
    ['lateness', latency_ms.lateness],
    ['first byte', breakdown_ms.firstByte],
    ['DNS', breakdown_ms.dns],
    ['TCP', breakdown_ms.tcp],
    ['TLS', breakdown_ms.tls],
    ['response, without the workers that were not ok', leavingOut?.latency_ms.response ?? null],
    ['service, without them', leavingOut?.latency_ms.service ?? null],
  ]
  return html`<p>Response time counts from the moment a request was due, service time from when it was sent; lateness is how late virtual users started.</p>
${table({
  caption: 'Latencies in ms',
  heads: ['', 'count', ...HEADS],
  rows: rows.flatMap(([name, latency]) => (latency === null ? [] : [[name, ...latencyCells(latency)]])),
})}`
}

/** In percent of the baseline; null when there is nothing to compare. */
function difference(here: number | null, there: number | null): Cell {
  if (here === null || there === null || there === 0) return { value: null, shown: '–' }
  const percent = ((here - there) / there) * 100
  return { value: percent, shown: `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %` }
}

function comparison({ baseline, endpoints, latency_ms, ...json }: ReportJson): (Markup | null)[] {
  if (baseline === null) return []
  const latencies = (['response', 'service'] as const).flatMap((kind) =>
    BRIEF.map((point): Cell[] => {
      const [here, there] = [at(latency_ms[kind], point), at(baseline.latency_ms[kind], point)]
      return [`${kind} ${point}, ms`, millis(here), millis(there), difference(here, there)]
    }),
  )
  const counts = (['requests', 'responses', 'failures'] as const).map((name): Cell[] => [
    name,
    ...[count(json.totals[name]), count(baseline[name])],
    difference(json.totals[name], baseline[name]),
  ])
  return [
    html`<p>Both numbers and how far they are apart, in percent of run <code>${baseline.id}</code>. Two runs of the same thing differ too.</p>`,
    table({
      caption: 'This run and the baseline',
      heads: ['', 'this run', 'baseline', 'difference'],
      rows: [...latencies, ...counts],
    }),
    ...comparedEndpoints(endpoints, baseline.endpoints),
  ]
}

type Endpoints = ReportJson['endpoints']

/** One that only one of the runs had has dashes for the other. */
function comparedEndpoints(here: Endpoints, there: Endpoints): (Markup | null)[] {
  const [ours, theirs] = [here, there].map((all) => new Map(all.map((one) => [one.endpoint, one])))
  const rows = (
    cells: (our: Endpoints[number] | undefined, their: Endpoints[number] | undefined) => Cell[],
  ): Cell[][] =>
    [...new Set([...here, ...there].map(({ endpoint }) => endpoint))].map((name) => [
      html`<code>${name}</code>`,
      ...cells(ours?.get(name), theirs?.get(name)),
    ])
  const compared = ['p50', 'p95', 'p99'] as const
  const counted = ['requests', 'responses', 'failures'] as const
  return [
    table(
      {
        caption: 'Response times in ms by endpoint, this run and the baseline',
        heads: ['endpoint', ...compared.flatMap((point) => [point, `${point} baseline`, 'difference'])],
        rows: rows((our, their) =>
          compared.flatMap((point) => {
            const [a, b] = [our, their].map((one) => (one === undefined ? null : at(one.latency_ms.response, point)))
            return [millis(a ?? null), millis(b ?? null), difference(a ?? null, b ?? null)]
          }),
        ),
      },
      MOST_ROWS,
    ),
    table(
      {
        caption: 'Requests by endpoint, this run and the baseline',
        heads: ['endpoint', ...counted.flatMap((name) => [name, `${name} baseline`])],
        rows: rows((our, their) =>
          counted.flatMap((name) => [our, their].map((one) => (one === undefined ? millis(null) : count(one[name])))),
        ),
      },
      MOST_ROWS,
    ),
  ]
}

type Exchanges = Pick<ReportJson['endpoints'][number], 'requests' | 'responses' | 'failures' | 'latency_ms'>
const EXCHANGES = ['requests', 'responses', 'failures', ...BRIEF.map((point) => `response ${point}`), 'service p99']

const exchanges = ({ requests, responses, failures, latency_ms: { response, service } }: Exchanges): Cell[] => [
  ...[requests, responses, failures].map(count),
  ...BRIEF.map((point) => millis(at(response, point))),
  millis(at(service, 'p99')),
]

const endpoints = ({ endpoints }: ReportJson): Markup | null =>
  table(
    {
      caption: 'By endpoint, latencies in ms',
      heads: ['endpoint', ...EXCHANGES],
      rows: endpoints.map(({ endpoint, ...all }) => [html`<code>${endpoint}</code>`, ...exchanges(all)]),
    },
    MOST_ROWS,
  )

/** One region is the whole. */
const regions = ({ regions }: ReportJson): Markup | null =>
  table({
    caption: 'By region, latencies in ms',
    heads: ['region', 'weight', 'workers', 'lost workers', 'arrivals', 'launched', ...EXCHANGES, 'errors'],
    rows: (regions.length < 2 ? [] : regions).map(({ region, weight, workers, ledger, errors, ...all }) => [
      region,
      ...[weight, workers.planned, workers.lost, ledger.due, ledger.launched].map(count),
      ...exchanges(all),
      errors
        .slice(0, MOST_CODES)
        .map(({ code, count: times }) => `${code} × ${int(times)}`)
        .join(', '),
    ]),
  })

const phases = ({ phases }: ReportJson): Markup | null =>
  table(
    {
      caption: 'By phase, latencies in ms',
      heads: ['phase', 'from s', 'seconds', 'arrivals', 'launched', 'skipped', 'completed', 'failed', ...EXCHANGES],
      rows: phases.map(({ name, from, duration, arrivals, launched, skipped, completed, failed, warmUp, ...all }) => [
        warmUp ? `${name} (warm-up: in the ledger, and in nothing else)` : name,
        ...[from, duration].map((seconds) => ({ value: seconds, shown: String(Number(seconds.toFixed(2))) })),
        ...[arrivals, launched, skipped, completed, failed].map(count),
        ...exchanges(all),
      ]),
    },
    MOST_ROWS,
  )

const scenarios = ({ scenarios }: ReportJson): Markup | null =>
  table(
    {
      caption: 'By scenario, latencies in ms',
      heads: ['scenario', 'launched', ...EXCHANGES],
      rows: scenarios.map(({ name, launched, ...all }) => [name, count(launched), ...exchanges(all)]),
    },
    MOST_ROWS,
  )

const statuses = ({ statuses }: ReportJson): Markup | null =>
  table(
    {
      caption: 'Answers by status',
      heads: ['status', 'answers'],
      rows: statuses.map(({ status, count: times }) => [{ value: status, shown: String(status) }, count(times)]),
    },
    MOST_ROWS,
  )

const errors = ({ errors }: ReportJson): Markup | null =>
  table(
    {
      caption: 'Errors, and of each the earliest virtual user that failed by it',
      heads: ['error', 'times', 'virtual user', 'at s', 'scenario', 'endpoint', 'status', 'what it met'],
      rows: errors.map(({ code, count: times, sample }) => [
        html`<code>${code}</code>`,
        count(times),
        ...(sample === null
          ? ['–', '–', '–', '–', '–', 'failed no virtual user']
          : [
              { value: sample.arrival, shown: String(sample.arrival) },
              { value: sample.second, shown: String(sample.second) },
              sample.scenario,
              html`<code>${sample.endpoint ?? '–'}</code>`,
              { value: sample.status, shown: sample.status === null ? '–' : String(sample.status) },
              sample.message,
            ]),
      ]),
    },
    MOST_ROWS,
  )

const advice = ({ errors }: ReportJson): Markup[] =>
  errorsAdvice(errors.map(({ code }) => code)).map((text) => html`<p>${text}</p>`)

const platform = (json: ReportJson): Markup | null =>
  table({ caption: 'Where it ran, and what that cost', heads: ['', ''], rows: platformLines(json) })

function workers({ workers: { each } }: ReportJson): Markup | null {
  const heads = ['worker', 'state', 'due', 'launched', 'lost', 'completed', 'failed', 'unfinished', 'requests']
  const rows = each.map(({ slice, is, ok, trouble, ledger, requests, lateness_ms, health }): Cell[] => [
    { value: slice, shown: String(slice) },
    html`${state(ok, is, `${is}, not ok`)}${trouble === null ? null : ` (${trouble})`}`,
    ...[ledger.due, ledger.launched, ledger.lost, ledger.completed, ledger.failed, ledger.unfinished].map(count),
    count(requests),
    ...[millis(lateness_ms.p99), millis(lateness_ms.max)],
    { value: health.cpu, shown: `${Math.round(health.cpu * 100)} %` },
    { value: health.memoryBytes, shown: `${Math.round(health.memoryBytes / 2 ** 20)} MB` },
    ...[millis(health.loopDelayMax_ms), count(health.inFlight), count(health.files)],
    { value: health.ports, shown: health.portLimit === 0 ? '–' : `${int(health.ports)} of ${int(health.portLimit)}` },
  ])
  const own = [
    'lateness p99, ms',
    'lateness max, ms',
    'processor',
    'memory',
    'loop delay max, ms',
    'in flight',
    'files',
    'ports',
  ]
  return table({ caption: 'What each worker did, and how it fared', heads: [...heads, ...own], rows }, MOST_WORKERS)
}
