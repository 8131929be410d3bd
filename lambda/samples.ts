/** The raw samples on their way to the run's store, one object after another. */
import { unkeptText } from '../src/errors.ts'
import type { Store } from '../src/store/store.ts'
import type { WorkerEvent } from '../src/wire/events.ts'
import { samplesKey } from '../src/wire/keys.ts'
import type { SliceAttempt } from '../src/wire/orders.ts'

export type Samples = {
  /** `seq`: from 1. */
  put(seq: number, rows: Uint8Array): void
  /** Resolves when all have been put, or could not be. */
  kept(): Promise<void>
}

type To = { store: Pick<Store, 'put'>; send(event: WorkerEvent): void }

/** Of what cannot be put the run hears once. */
export function samplesOf({ slice, attempt }: SliceAttempt, { store, send }: To): Samples {
  let last = Promise.resolve()
  let isWhole = true
  const miss = (error: unknown): void => {
    if (isWhole) send({ type: 'unkept', message: unkeptText(slice, error) })
    isWhole = false
  }
  return {
    put(seq, rows) {
      last = last.then(() => store.put(samplesKey(slice, attempt, seq), rows)).catch(miss)
    },
    kept: () => last,
  }
}
