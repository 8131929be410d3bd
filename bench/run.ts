/**
 * `npm run bench`: every row in processes of its own, several times over; median and spread against targets.
 * `npm run bench -- record merge` runs some. It measures, it does not judge: missing a target does not fail.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const REPEAT = 5
type Bound = { key: string; most?: number; least?: number; what: string }

const rows: Record<string, Bound[]> = {
  record: [
    { key: 'ours_ns', most: 10, what: 'recording one sample, ns' },
    { key: 'hdr_wasm_ns', what: '  hdr-histogram-js WASM, ns' },
    { key: 'hdr_js_ns', what: '  hdr-histogram-js, ns' },
  ],
  merge: [
    { key: 'ours_1000_ms', most: 150, what: 'merging 1,000 workers × 10 metrics × 1k samples, ms' },
    { key: 'hdr_js_1000_ms', what: '  hdr-histogram-js decode + add, ms' },
    { key: 'ours_10000_ms', most: 1_500, what: 'merging 10,000 workers, ms' },
    { key: 'growth_10000_mb', what: '  memory growth while merging them, MB' },
    { key: 'frame_bytes', most: 6_144, what: 'a frame of 10 metrics × 1k samples, bytes' },
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
  size: [
    { key: 'worker_zip_mb', most: 2, what: 'worker bundle, zipped, MB' },
    { key: 'worker_import_ms', most: 300, what: 'worker bundle, cold import, ms' },
    { key: 'help_ms', most: 120, what: 'slsart --help, ms' },
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
  for (const { key, most, least, what } of bounds) {
    const values = runs.map((run) => run[key] ?? Number.NaN).toSorted((a, b) => a - b)
    const median = values[Math.floor(REPEAT / 2)] as number
    const spread = `${text(values[0] as number)} – ${text(values.at(-1) as number)}`
    const target = most === undefined ? (least === undefined ? '' : `≥ ${least}`) : `≤ ${most}`
    const met = median <= (most ?? Number.POSITIVE_INFINITY) && median >= (least ?? Number.NEGATIVE_INFINITY)
    console.log(cells([what, target, text(median), spread, target === '' ? '' : met ? 'met' : 'MISSED']))
  }
}

function measure(row: string): Record<string, number> {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, `${row}.ts`)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`bench/${row}.ts failed:\n${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>
}
