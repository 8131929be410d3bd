/** A run cut into blocks, to be drawn from: what each measured, some kilobytes instead of a histogram's 94. */
import type { Micros, Seconds } from '../units.ts'
import { type FrameHead, readHead } from './frame.ts'
import type { Histogram } from './histogram.ts'
import { Totals } from './merge.ts'
import { valueIn } from './names.ts'

export type Sparse = { buckets: Uint16Array; counts: Float64Array; count: number; max: Micros }
/** Of a stretch of the run, or of a worker or a few. */
export type Block = { latencies: ReadonlyMap<string, Sparse>; counters: ReadonlyMap<string, number> }

/** A run, cut both ways. */
export type Cut = { stretches: Block[]; workers: Block[] }

/** A dozen stretches: long ones, as what made a second slow is felt for a while, and still enough of them to tell chance by. */
const STRETCHES = 12
export const stretchOf = (duration: Seconds): Seconds => Math.max(1, Math.ceil(duration / STRETCHES))

/** Workers that are drawn together: a hundred of one tell as much as fifty of two, and are drawn twice as slowly. */
const GROUPS = 50
export const groupOf = (workers: number): number => Math.max(1, Math.ceil(workers / GROUPS))

/** Blocks of frames that come sorted by what `blockOf` gives for them. */
export function blocksOf(frames: Iterable<Uint8Array>, blockOf: (head: FrameHead) => number): Block[] {
  const blocks: Block[] = []
  const totals = new Totals()
  let open = Number.NaN
  const close = (): void => {
    if (!Number.isNaN(open)) blocks.push(blockIn(totals))
    totals.clear()
  }
  for (const bytes of frames) {
    const block = blockOf(readHead(bytes))
    if (block !== open) close()
    open = block
    totals.add(bytes)
  }
  close()
  return blocks
}

function blockIn({ histograms, counters }: Totals): Block {
  const latencies = new Map<string, Sparse>()
  for (const [name, histogram] of histograms) {
    if (histogram.count > 0 && (name === 'response' || valueIn(name, 'response', 'endpoint') !== null))
      latencies.set(name, sparse(histogram))
  }
  return { latencies, counters: new Map(counters) }
}

function sparse({ counts, lowest, highest, count, max }: Histogram): Sparse {
  const buckets: number[] = []
  for (let bucket = lowest; bucket <= highest; bucket++) if ((counts[bucket] as number) > 0) buckets.push(bucket)
  return {
    buckets: Uint16Array.from(buckets),
    counts: Float64Array.from(buckets, (bucket) => counts[bucket] as number),
    ...{ count, max },
  }
}
