/** How many trials, and what they came to. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Null in CI: a few of each way. Else so many over the ways in turn, each with 50 workers. */
export const TRIALS: number | null =
  process.env.SLSART_CHAOS_TRIALS === undefined ? null : Number(process.env.SLSART_CHAOS_TRIALS)

export type Measured = {
  way: string
  workers: number
  /** From the order to the last request at the target; below 0 when none came after it. */
  last_ms: number
  /** The same from when a person typed something: with `slsart kill` before that has begun, which takes as long as the machine lets it. */
  typed_ms: number
}

const measured: Measured[] = []
export const note = (one: Measured): void => void measured.push(one)

const WIDTH = 48
const cells = (...texts: string[]): string => texts.map((text) => text.padStart(9)).join('')

/** A line a way: how many trials, and the median and the worst time from the order to the last request at the target. */
export function table(title: string): string {
  const lines = [...Map.groupBy(measured, ({ way }) => way)].map(([way, ones]) => {
    const spread = (of: (one: Measured) => number): string[] => {
      const times = ones.map(of).toSorted((a, b) => a - b)
      return [times[times.length >> 1], times.at(-1)].map((ms = 0) => `${(ms / 1000).toFixed(2)} s`)
    }
    const workers = [...new Set(ones.map((one) => one.workers))].join(', ')
    const times = [...spread(({ last_ms }) => last_ms), ...spread(({ typed_ms }) => typed_ms)]
    return `  ${way.padEnd(WIDTH)}${cells(String(ones.length), workers, ...times)}`
  })
  const head = cells('runs', 'workers', 'median', 'worst', 'typed', 'worst')
  return [title, `  ${'way'.padEnd(WIDTH)}${head}`, ...lines].join('\n')
}

/** Resolves with when it became so, looked at every few milliseconds. */
export async function moment(isSo: () => boolean | Promise<boolean>, within: number, every = 20): Promise<number> {
  const until = Date.now() + within
  while (!(await isSo())) {
    if (Date.now() > until) throw new Error(`it did not become so in ${within} ms`)
    await sleep(every)
  }
  return now()
}

/** The clock of the counting server. */
export const now = (): number => performance.timeOrigin + performance.now()
