/** The series as CSV: a row a second, under the JSON report's names; latencies in milliseconds. */
import type { Results } from './results.ts'

const COUNTS = ['second', 'launched', 'requests', 'responses', 'failures'] as const
const LATENCIES = ['response', 'service', 'lateness'] as const
const POINTS = ['p50', 'p95', 'p99', 'max'] as const

export function csvReport({ series }: Results): string {
  const names = [...COUNTS, ...LATENCIES.flatMap((latency) => POINTS.map((point) => `${latency}_${point}_ms`))]
  const rows = series.map((row) => [
    ...COUNTS.map((name) => row[name]),
    ...LATENCIES.flatMap((latency) => POINTS.map((point) => row[latency][point])),
  ])
  return `${[names, ...rows].map((row) => row.join(',')).join('\n')}\n`
}
