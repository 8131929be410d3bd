/** Histograms in the formats of HdrHistogram, for any reader of those. */
import { deflateSync } from 'node:zlib'
import { ByteWriter } from '../measure/bytes.ts'
import { writeCounts } from '../measure/counts.ts'
import { HIGHEST, type Histogram, LOWEST, SIGNIFICANT_DIGITS } from '../measure/histogram.ts'
import { foldSpans } from '../measure/series.ts'
import { framesBySecond } from '../run/log.ts'
import { eventsPath, type RunRecord } from '../run/record.ts'
import { microsToMillis } from '../units.ts'

const COOKIE = 0x1c849313
const COMPRESSED_COOKIE = 0x1c849314
const HEADER = 40

/** A whole histogram as any HDR reader takes it: V2, deflated, base64. */
export function v2Base64(histogram: Histogram): string {
  const counts = new ByteWriter()
  writeCounts(histogram, counts)
  const plain = Buffer.alloc(HEADER + counts.length)
  plain.writeInt32BE(COOKIE, 0)
  plain.writeInt32BE(counts.length, 4)
  plain.writeInt32BE(0, 8)
  plain.writeInt32BE(SIGNIFICANT_DIGITS, 12)
  plain.writeBigInt64BE(BigInt(LOWEST), 16)
  plain.writeBigInt64BE(BigInt(HIGHEST), 24)
  plain.writeDoubleBE(1, 32)
  plain.set(counts.written(), HEADER)
  const packed = deflateSync(plain)
  const head = Buffer.alloc(8)
  head.writeInt32BE(COMPRESSED_COOKIE, 0)
  head.writeInt32BE(packed.length, 4)
  return Buffer.concat([head, packed]).toString('base64')
}

const TAGS = ['response', 'service', 'lateness'] as const

/**
 * The whole run as a histogram log, version 1.3: a line for each second and each of response, service and lateness. Values are
 * microseconds; the maxima beside them milliseconds, as the format has them.
 */
export function hlogReport({ folder, id, startedAt }: RunRecord): string {
  const at = (startedAt / 1000).toFixed(3)
  const lines = [
    `#[slsart run ${id}; values in microseconds]`,
    '#[Histogram log format version 1.3]',
    `#[StartTime: ${at} (seconds since epoch), ${new Date(startedAt).toISOString()}]`,
    `#[BaseTime: ${at} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ]
  foldSpans(framesBySecond(eventsPath(folder)), [
    {
      startOf: (second) => Math.max(0, second),
      visit(second, totals) {
        for (const tag of TAGS) {
          const histogram = totals.histogram(tag)
          if (histogram.count === 0) continue
          const max = microsToMillis(histogram.max).toFixed(3)
          lines.push(`Tag=${tag},${second.toFixed(3)},1.000,${max},${v2Base64(histogram)}`)
        }
      },
    },
  ])
  return `${lines.join('\n')}\n`
}
