/** Numbers to signs: curves of one line, bars, and how dense a field is. Pure; scales are the caller's. */

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

/** So many columns from the newest values, each the mean of as many as are needed for the most of them to be seen; blank where there are none yet. */
export function columnsOf(values: readonly number[], width: number, each: number): number[] {
  const columns: number[] = []
  for (let end = values.length; end > 0 && columns.length < width; end -= each) {
    const part = values.slice(Math.max(0, end - each), end)
    columns.unshift(part.reduce((sum, value) => sum + value, 0) / part.length)
  }
  return columns
}

/** A share from 0 to 1 as a bar of `width` columns. */
export function bar(share: number, width: number, bars: readonly string[]): string {
  const full = bars.at(-1) as string
  const filled = Math.min(width, Math.max(0, Math.round(share * width)))
  return full.repeat(filled) + ' '.repeat(width - filled)
}

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
