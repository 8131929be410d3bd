/** Numbers to signs: curves of one line, and how dense a field is. Pure; scales are the caller's. */

/** One sign each, from nothing to `peak`. What is more than nothing is seen. */
export function spark(values: readonly number[], peak: number, bars: readonly string[]): string {
  const top = bars.length - 1
  return values
    .map((value) => {
      if (!(value > 0) || peak <= 0) return bars[0]
      return bars[Math.min(top, Math.max(1, Math.round((value / peak) * top)))]
    })
    .join('')
}

/** A list of seconds, the first of them at `first`, drawn in so many columns of `each` seconds. */
type Columns = { first: number; each: number; width: number }

/**
 * Which of so many seconds stand in each column, from the newest back, as far as there are columns. They begin at whole multiples of
 * `each`, or every new second would move all of them.
 */
export function spansOf(length: number, { first, each, width }: Columns): [from: number, to: number][] {
  const spans: [number, number][] = []
  for (let to = first + length; to > first && spans.length < width; ) {
    const from = Math.max(first, Math.floor((to - 1) / each) * each)
    spans.unshift([from - first, to - first])
    to = from
  }
  return spans
}

/** The mean of each column. */
export const columnsOf = (values: readonly number[], columns: Columns): number[] =>
  spansOf(values.length, columns).map(
    ([from, to]) => values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from),
  )

/** How dense each of some counts is against the most of them, on a scale of logarithms: one in a thousand is still seen. */
export function densities(counts: readonly number[], most: number, signs: readonly string[]): string {
  const top = signs.length - 1
  return counts
    .map((count) => {
      if (count <= 0) return signs[0]
      const share = most <= 1 ? 1 : Math.log(count + 1) / Math.log(most + 1)
      return signs[Math.min(top, Math.max(1, Math.ceil(share * top)))]
    })
    .join('')
}
