/**
 * The worker's events once more, for the store: the very bytes of its stream, several in one object, so that what a cut stream
 * or a dead conductor has missed is still there. A batch that is closed never changes: one that cannot be put is tried again
 * before the next, under its own number.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Millis, Seconds } from '../src/units.ts'

export type Batches = {
  add(event: Uint8Array): void
  /** At least so often from now on. */
  pace(every: Seconds): void
  /** Puts what there still is. False when `patience` did not suffice for that. */
  close(patience: Millis): Promise<boolean>
}

/** From a failed attempt at the end to the next one. */
const AGAIN: Millis = 200

/** `put` gets batches by their numbers, from 0, each after the one before has been put. */
export function batched(put: (seq: number, bytes: Uint8Array) => Promise<void>, every: Seconds): Batches {
  let events: Uint8Array[] = []
  const closed: Uint8Array[] = []
  let seq = 0
  let putting: Promise<void> | null = null

  const putAll = async (): Promise<void> => {
    if (events.length > 0) closed.push(Buffer.concat(events))
    events = []
    for (let batch = closed[0]; batch !== undefined; batch = closed[0]) {
      await put(seq, batch)
      seq++
      closed.shift()
    }
  }
  /** Never two at a time; the next turn tries again what did not work. */
  const turn = (): Promise<void> => {
    putting ??= putAll()
      .catch(() => {})
      .finally(() => {
        putting = null
      })
    return putting
  }
  let isClosing = false
  let interval = every
  let timer = setInterval(() => void turn(), interval * 1000)
  const rest = async (): Promise<true> => {
    // The turn under way may have begun before the last event came.
    await turn()
    while (events.length > 0 || closed.length > 0) {
      await turn()
      if (closed.length > 0) await sleep(AGAIN)
    }
    return true
  }
  return {
    add: (event) => void events.push(event),
    pace(wanted) {
      if (wanted >= interval || isClosing) return
      interval = wanted
      clearInterval(timer)
      timer = setInterval(() => void turn(), interval * 1000)
    },
    async close(patience) {
      isClosing = true
      clearInterval(timer)
      const over = Promise.withResolvers<false>()
      const impatience = setTimeout(over.resolve, patience, false)
      const all = await Promise.race([rest(), over.promise])
      clearTimeout(impatience)
      return all
    },
  }
}
