/**
 * `npm run bench`: every row in processes of its own, several times over; median and spread against targets.
 * `npm run bench -- record merge` runs some. It measures, it does not judge: missing a target does not fail.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const REPEAT = 5
/** `stretch`: what would be better still than `most` or `least`. */
type Bound = { key: string; most?: number; least?: number; stretch?: number; what: string }

const rows: Record<string, Bound[]> = {
  record: [
    { key: 'ours_ns', most: 10, what: 'recording one sample, ns' },
    { key: 'hdr_wasm_ns', what: '  hdr-histogram-js WASM, ns' },
    { key: 'hdr_js_ns', what: '  hdr-histogram-js, ns' },
  ],
  merge: [
    { key: 'ours_1000_ms', most: 150, stretch: 90, what: 'merging 1,000 workers × 10 metrics × 1k samples, ms' },
    { key: 'hdr_js_1000_ms', what: '  hdr-histogram-js decode + add, ms' },
    { key: 'ours_10000_ms', most: 1_500, stretch: 700, what: 'merging 10,000 workers, ms' },
    { key: 'growth_10000_mb', what: '  memory growth while merging them, MB' },
    { key: 'frame_bytes', most: 6_144, stretch: 5_120, what: 'a frame of 10 metrics × 1k samples, bytes' },
  ],
  plan: [
    { key: 'plan_ms', most: 50, what: 'planning 10^9 arrivals over 10,000 workers, ms' },
    { key: 'owned_ms', what: '  making and counting the slices, ms' },
    { key: 'poisson_ms', what: '  drawing as many Poisson arrivals, and counting the slices, ms' },
    { key: 'heap_mb', most: 50, what: '  heap, MB' },
  ],
  dispatch: [
    { key: 'p50_us_5000', most: 1_000, what: 'lateness at 5,000/s, p50, µs' },
    { key: 'p99_us_5000', most: 3_000, what: 'lateness at 5,000/s, p99, µs' },
    { key: 'max_us_5000', what: '  max, µs' },
    { key: 'cpu_percent_5000', most: 25, what: 'CPU at 5,000/s, % of a core' },
    { key: 'p50_us_1000', what: '  lateness at 1,000/s, p50, µs' },
    { key: 'p99_us_1000', what: '  lateness at 1,000/s, p99, µs' },
    { key: 'cpu_percent_1000', what: '  CPU at 1,000/s, % of a core' },
    { key: 'chained_missing_of_4000', what: '  chained timers at 1,000/s: missing of 4,000 after 4 s' },
  ],
  artillery: [
    { key: 'ratio_vus', least: 1, what: 'virtual users with one request, × `artillery run`' },
    { key: 'ours_vus', what: '  a second, on one core' },
    { key: 'artillery_vus', what: '  `artillery run`, a second' },
    { key: 'ratio_requests', least: 1, what: 'requests in loops of 100, × `artillery run`' },
    { key: 'ours_requests', what: '  a second, on one core' },
    { key: 'artillery_requests', what: '  `artillery run`, a second' },
  ],
  dashboard: [
    { key: 'draw_percent', most: 15, what: 'dashboard of 1,000 workers on 200 × 60, % of a core' },
    { key: 'keys_percent', what: '  with ten keys a second, % of a core' },
    { key: 'bytes', what: '  to the terminal, bytes a second' },
    { key: 'reduce_percent', what: '  their frames into the state, % of a core' },
  ],
  streams: [
    { key: 'launch_s', most: 4, stretch: 2, what: 'launching 1,000 workers over TLS, s' },
    { key: 'stall_ms', most: 100, what: '  longest stall meanwhile, ms' },
    {
      key: 'cpu_percent',
      most: 35,
      stretch: 15,
      what: 'conductor of 1,000 streams, a 6 kB frame a second each, dashboard on, % of a core',
    },
    { key: 'rss_mb', most: 300, stretch: 200, what: '  memory, MB' },
    { key: 'stock_launch_s', what: "  the SDK's client that only listens: launching, s" },
    { key: 'stock_stall_ms', what: '  longest stall, ms' },
    { key: 'stock_cpu_percent', what: '  % of a core' },
    { key: 'stock_rss_mb', what: '  memory, MB' },
  ],
  conductor: [
    {
      key: 'cpu_s_1000',
      what: 'conductor of 1,000 simulated workers, a 6 kB frame a second each, CPU s a second of the run',
    },
    { key: 'stall_ms_1000', what: '  longest stall, ms' },
    { key: 'rss_mb_1000', what: '  memory, MB' },
    { key: 'launch_cpu_s_1000', what: '  until T0, CPU s' },
    { key: 'end_cpu_s_1000', what: '  from the last frame to the record, CPU s' },
    { key: 'cpu_s_10000', what: 'conductor of 10,000 simulated workers, CPU s a second of the run' },
    { key: 'stall_ms_10000', what: '  longest stall, ms' },
    { key: 'rss_mb_10000', what: '  memory, MB' },
    { key: 'launch_cpu_s_10000', what: '  until T0, CPU s' },
    { key: 'end_cpu_s_10000', what: '  from the last frame to the record, CPU s' },
  ],
  size: [
    { key: 'worker_zip_mb', most: 2, what: 'worker bundle, zipped, MB' },
    { key: 'worker_import_ms', most: 300, what: 'worker bundle, cold import, ms' },
    { key: 'help_ms', most: 120, stretch: 80, what: 'slsart --help, ms' },
    { key: 'empty_ms', what: '  a bare `node -e 0`, ms' },
  ],
  native: [
    { key: 'ratio_one', least: 8, stretch: 12, what: 'native, a connection and 1 GET per VU, × `artillery run`' },
    { key: 'ratio_one_cpu', what: '  per CPU second, × `artillery run`' },
    { key: 'native_one', what: '  VUs a second on one core' },
    { key: 'native_one_cpu', what: '  of the core used' },
    { key: 'native_one_target_cpu', what: "  of the target's core used" },
    { key: 'native_one_connections', what: '  connections per VU' },
    { key: 'artillery_one', what: '  `artillery run`, VUs a second' },
    { key: 'artillery_one_cpu', what: '  of the core used' },
    {
      key: 'ratio_loop',
      least: 20,
      stretch: 30,
      what: 'native, loop of 100 GETs, template and capture, × `artillery run`',
    },
    { key: 'ratio_loop_cpu', what: '  per CPU second, × `artillery run`' },
    { key: 'native_loop', what: '  requests a second on one core' },
    { key: 'native_loop_cpu', what: '  of the core used' },
    { key: 'native_loop_target_cpu', what: "  of the target's core used" },
    { key: 'artillery_loop', what: '  `artillery run`, requests a second' },
    { key: 'artillery_loop_cpu', what: '  of the core used' },
    {
      key: 'one_per_wrk',
      least: 0.4,
      stretch: 0.6,
      what: 'native, 50 connections, 1 GET per VU, per CPU second, × wrk',
    },
    { key: 'one_per_hey', least: 2, stretch: 3, what: 'the same × hey' },
    { key: 'one_per_autocannon', least: 1, stretch: 1.5, what: 'the same × autocannon' },
    { key: 'pooled_one', what: '  requests per CPU second, conductor and worker' },
    { key: 'pooled_one_worker', what: '  of the worker alone' },
    { key: 'pooled_one_target_cpu', what: "  of the target's core used" },
    {
      key: 'loop_per_wrk',
      least: 0.4,
      stretch: 0.6,
      what: 'native, 50 connections, loop of 100 GETs, per CPU second, × wrk',
    },
    { key: 'loop_per_hey', least: 2, stretch: 3, what: 'the same × hey' },
    { key: 'loop_per_autocannon', least: 1, stretch: 1.5, what: 'the same × autocannon' },
    { key: 'pooled_loop', what: '  requests per CPU second, conductor and worker' },
    { key: 'pooled_loop_worker', what: '  of the worker alone' },
    { key: 'pooled_loop_target_cpu', what: "  of the target's core used" },
    { key: 'wrk', what: '  wrk, requests per CPU second' },
    { key: 'wrk_target_cpu', what: "  of the target's core used" },
    { key: 'hey', what: '  hey' },
    { key: 'autocannon', what: '  autocannon' },
  ],
  tls: [
    {
      key: 'one_per_hey',
      least: 1,
      stretch: 2,
      what: 'native over TLS, a connection and 1 GET per VU, per CPU second, × hey',
    },
    { key: 'one', what: '  VUs per CPU second' },
    { key: 'one_target_cpu', what: "  of the target's core used" },
    { key: 'one_connections', what: '  connections per VU' },
    { key: 'one_per_bare', least: 0.9, what: 'the same × a bare `tls.connect` with one request' },
    { key: 'bare_one', what: '  a bare `tls.connect`, requests per CPU second' },
    { key: 'hey_one', what: '  hey -disable-keepalive, requests per CPU second' },
    { key: 'hey_one_connections', what: '  connections per request' },
    { key: 'loop_per_hey', least: 1, stretch: 2, what: 'native over TLS, a connection and 100 GETs per VU, × hey' },
    { key: 'loop', what: '  requests per CPU second' },
    { key: 'pooled_one_per_hey', least: 1, stretch: 2, what: 'native over TLS, 50 connections, 1 GET per VU, × hey' },
    { key: 'pooled_one', what: '  requests per CPU second' },
    {
      key: 'pooled_loop_per_hey',
      least: 1,
      stretch: 2,
      what: 'native over TLS, 50 connections, loop of 100 GETs, × hey',
    },
    { key: 'pooled_loop', what: '  requests per CPU second' },
    { key: 'hey', what: '  hey, requests per CPU second' },
  ],
  accuracy: [
    { key: 'p50_per_wrk', most: 1.2, stretch: 1, what: 'native, service time at 2,000 requests a second, p50, × wrk' },
    { key: 'p99_per_wrk', most: 1.5, stretch: 1, what: 'the same, p99, × wrk over as many connections' },
    { key: 'stalled_percent', what: '  of the time, % in stalls of the two cores, idle' },
    { key: 'p50_us', what: '  p50, µs' },
    { key: 'p99_us', what: '  p99, µs' },
    { key: 'wrk_10_p50_us', what: '  wrk, 10 connections, p50, µs' },
    { key: 'wrk_10_p99_us', what: '  p99, µs' },
    { key: 'wrk_10_rate', what: '  requests a second' },
    { key: 'wrk_50_p50_us', what: '  wrk, 50 connections, p50, µs' },
    { key: 'wrk_50_p99_us', what: '  p99, µs' },
    { key: 'wrk_50_rate', what: '  requests a second' },
  ],
}

const wanted = process.argv.slice(2)
const cells = (columns: readonly string[]): string => `| ${columns.join(' | ')} |`
const text = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
console.log(cells(['what', 'target', 'median', 'spread', '']))
console.log(cells(['---', '---', '---', '---', '---']))
for (const [row, bounds] of Object.entries(rows)) {
  if (wanted.length > 0 && !wanted.includes(row)) continue
  const runs = Array.from({ length: REPEAT }, () => measure(row))
  for (const bound of bounds) {
    const values = runs.map((run) => run[bound.key] ?? Number.NaN).toSorted((a, b) => a - b)
    const median = values[Math.floor(REPEAT / 2)] as number
    const spread = `${text(values[0] as number)} – ${text(values.at(-1) as number)}`
    console.log(cells([bound.what, target(bound), text(median), spread, judged(bound, median)]))
  }
}

function target({ most, least, stretch }: Bound): string {
  if (most === undefined && least === undefined) return ''
  return `${most === undefined ? `≥ ${least}` : `≤ ${most}`}${stretch === undefined ? '' : `, stretch ${stretch}`}`
}

function judged({ most, least, stretch }: Bound, median: number): string {
  if (most === undefined && least === undefined) return ''
  const better = (bound: number): boolean => (most === undefined ? median >= bound : median <= bound)
  if (!better((most ?? least) as number)) return 'MISSED'
  return stretch !== undefined && better(stretch) ? 'stretch met' : 'met'
}

function measure(row: string): Record<string, number> {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, `${row}.ts`)], {
    ...{ encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  })
  if (status !== 0) {
    console.error(`bench/${row}.ts failed`)
    process.exit(1)
  }
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>
}
