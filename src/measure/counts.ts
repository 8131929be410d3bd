/**
 * The standard HdrHistogram V2 counts payload, for reports, which any HDR reader reads: from bucket 0 up, ZigZag LEB128 numbers; a positive one is
 * a bucket's count, a negative one a run of that many empty buckets. Frames carry counts in less (gaps.ts).
 */
import type { ByteWriter } from './bytes.ts'
import type { Histogram } from './histogram.ts'

/** Writes a histogram's counts up to its highest bucket. */
export function writeCounts(histogram: Histogram, out: ByteWriter): void {
  const { counts, lowest, highest } = histogram
  if (histogram.count === 0) return
  if (lowest > 0) out.signed(-lowest)
  let empty = 0
  for (let bucket = lowest; bucket <= highest; bucket++) {
    const count = counts[bucket] as number
    if (count === 0) {
      empty++
      continue
    }
    if (empty > 0) out.signed(-empty)
    empty = 0
    out.signed(count)
  }
}
