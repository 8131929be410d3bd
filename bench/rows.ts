/** What every row of the bench shares: its data, and how its result is handed to bench/run.ts. */

/** Prints the row's numbers; bench/run.ts reads the line. */
export const report = (numbers: Record<string, number>): void => console.log(JSON.stringify(numbers))

/** Virtual users that each worker of a large run launches in a second. */
export const LAUNCHED = 50

/** A repeatable stream of uniform numbers (mulberry32). */
export function uniforms(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Latencies in whole microseconds: lognormal around a median (ms), sigma 0.5, one in two hundred eight times as long. */
export function latencies(count: number, medianMs: number, seed: number): number[] {
  const next = uniforms(seed)
  return Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
    const tail = next() < 0.005 ? 8 : 1
    return Math.round(Math.min(3_600_000_000, medianMs * 1000 * Math.exp(0.5 * normal) * tail))
  })
}

/** Milliseconds that `work` takes. */
export function timed(work: () => void): number {
  const from = performance.now()
  work()
  return performance.now() - from
}

/** The longest time in which nothing else was done, until the function it returns is called. */
export function stalls(): () => number {
  let [last, longest] = [performance.now(), 0]
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 5)
    last = now
  }, 5)
  return () => {
    clearInterval(timer)
    return longest
  }
}
