/** Numbers as people read them, the same in text and Markdown. */
import type { Latency } from '../measure/summary.ts'
import { grouped } from '../units.ts'

const POINTS = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'] as const

export const int = (n: number): string => grouped(n)

/** US dollars, to the hundredth of a cent below ten cents. */
export const usd = (n: number): string => `$${n.toFixed(n < 0.1 ? 4 : 2)}`

/** What stands over the cells of a latency. */
export const latencyHeads: readonly string[] = POINTS.map((point) => (point === 'p999' ? 'p99.9' : point))

/** Milliseconds to the hundredth, or whole from 100 on. */
export const ms = (n: number): string => n.toFixed(n < 100 ? 2 : 0)

/** In milliseconds; a dash for what was not measured. */
export const latencyCells = (l: Latency): string[] => POINTS.map((point) => (l.count === 0 ? '–' : ms(l[point])))

/** Sections of lines, those without any left out, an empty line between. */
export const joined = (sections: readonly (readonly string[])[]): string =>
  `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
