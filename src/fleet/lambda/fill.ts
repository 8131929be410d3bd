/**
 * A worker whose stream was cut goes on, and so does what it writes to the store: its batches are read until its last word is in
 * them, or it cannot be alive any more. What the stream had brought comes once more; whoever hears leaves it out.
 */
import type { Millis, Seconds } from '../../units.ts'
import type { World } from '../../world.ts'
import type { BatchReader } from './batches.ts'

/** How often the next batch of a cut stream is looked for. */
const LOOK: Millis = 5_000
/** A worker at work that has written nothing for so many of its intervals is dead. */
const PATIENCE = 3

type Followed = {
  reader: BatchReader
  clock: World['clock']
  batches: Seconds
  /** Whether the worker's last word was heard, or nobody wants to hear it. */
  isOver(): boolean
  /** Resolves when `isOver` should be asked at once. */
  woken: Promise<void>
}

/** `workingFrom`: since when it must have something to write; null before that is known. `until`: when it cannot be alive any more. */
export async function fill({
  workingFrom,
  until,
  ...followed
}: Followed & { workingFrom(): Millis | null; until(): Millis }): Promise<void> {
  const { reader, clock, batches, isOver, woken } = followed
  let wroteAt = clock.wall()
  for (;;) {
    const now = clock.wall()
    const from = workingFrom()
    const dead = from !== null && now - Math.max(wroteAt, from) > PATIENCE * batches * 1000
    const last = dead || now > until()
    // A store that does not answer now may do so later.
    const wrote = await reader.take(last).catch(() => false)
    if (wrote) wroteAt = clock.wall()
    if (isOver() || (last && !wrote)) return
    await Promise.race([clock.sleep(LOOK), woken])
  }
}

/** Hears a worker through its batches alone, until `isOver`. */
export async function followBatches({ reader, clock, batches, isOver, woken }: Followed): Promise<void> {
  while (!isOver()) {
    await reader.take(false).catch(() => false)
    await Promise.race([clock.sleep((batches * 1000) / 2), woken])
  }
  await reader.take(true).catch(() => false)
}
