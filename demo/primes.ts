/** What demo/pool.ts has its workers do: work that keeps one processor busy. */
export type Range = { from: number; to: number }

/** How many primes there are in a range, its end not among them. */
export function primes({ from, to }: Range): { from: number; count: number } {
  const isComposite = new Uint8Array(to - from)
  for (let p = 2; p * p < to; p++) {
    for (let n = Math.max(p * p, Math.ceil(from / p) * p); n < to; n += p) isComposite[n - from] = 1
  }
  let count = 0
  for (let n = Math.max(from, 2); n < to; n++) if (isComposite[n - from] === 0) count++
  return { from, count }
}
