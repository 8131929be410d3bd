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
}

const measured: Measured[] = []
export const note = (one: Measured): void => void measured.push(one)

/** A line a way: how many trials, and the median and the worst time from the order to the last request at the target. */
export function table(title: string): string {
  const ways = Map.groupBy(measured, ({ way }) => way)
  const lines = [...ways].map(([way, ones]) => {
    const times = ones.map(({ last_ms }) => last_ms).toSorted((a, b) => a - b)
    const seconds = (ms: number | undefined): string => `${((ms ?? 0) / 1000).toFixed(2)} s`
    const workers = [...new Set(ones.map((one) => one.workers))].join(', ')
    return `  ${way.padEnd(58)} ${String(ones.length).padStart(4)}   ${seconds(times[times.length >> 1]).padStart(8)}   ${seconds(times.at(-1)).padStart(8)}   ${workers}`
  })
  return [
    title,
    `  ${'way'.padEnd(58)} ${'runs'.padStart(4)}   ${'median'.padStart(8)}   ${'worst'.padStart(8)}   workers`,
    ...lines,
  ].join('\n')
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
