/** Which state of what is monitored was told last: while it lasts nobody is told again. */
import { documentBytes, documentIn } from '../src/store/documents.ts'
import type { Store } from '../src/store/store.ts'
import { toldKey } from '../src/wire/round.ts'

export class Told {
  private readonly store: Store

  constructor(store: Store) {
    this.store = store
  }

  /** Calls `tell` when it is another than before; at first all is well. What could not be told is tried again with the next round. */
  async changed(is: string, tell: () => Promise<void>): Promise<void> {
    const before = (await documentIn<{ is: string }>(this.store, toldKey))?.is ?? 'ok'
    if (is === before) return
    await tell()
    await this.store.put(toldKey, documentBytes({ is }))
  }
}
