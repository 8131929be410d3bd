/** Past runs as they lie in a stage's bucket. Two small documents are read of each, and of the newest only: a bucket keeps a month of them. */
import { documentIn } from '../store/documents.ts'
import { isRunId } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { endingKey, headKey } from '../wire/keys.ts'
import { completed, type PastRun, type RunHead } from './record.ts'

/** A reading of them costs $0.00008. */
export const MOST_STORED = 100
const AT_ONCE = 32

/** `of`: how many there are. */
export type Stored = { runs: PastRun[]; of: number }

/** Of the store of all runs, the newest first. `known`: those of which nothing is to be read. */
export async function storedRuns(store: Pick<Store, 'folders' | 'get'>, known: ReadonlySet<string>): Promise<Stored> {
  const ids = (await store.folders('')).filter(isRunId).toReversed()
  const wanted = ids.slice(0, MOST_STORED).filter((id) => !known.has(id))
  const runs: PastRun[] = []
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    const some = await Promise.all(wanted.slice(i, i + AT_ONCE).map((id) => storedRun(store, id)))
    runs.push(...some.filter((run) => run !== null))
  }
  return { runs, of: ids.length }
}

/** Null: it left nothing there, and is being removed. */
async function storedRun(store: Pick<Store, 'get'>, id: string): Promise<PastRun | null> {
  const [head, ending] = await Promise.all([
    documentIn<RunHead>(store, `${id}/${headKey}`),
    documentIn<NonNullable<PastRun['ending']>>(store, `${id}/${endingKey}`),
  ])
  return head === null ? null : { head: completed(head), ending }
}
