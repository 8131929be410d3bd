/**
 * Every arrival accounted for:  due = launched + skipped + lost,  launched = completed + failed + unfinished.
 * `skipped` were over maxVusers; `lost` were due on a worker that died, was refused or was told to stop.
 */
export type Ledger = {
  due: number
  launched: number
  skipped: number
  lost: number
  completed: number
  failed: number
  unfinished: number
}

export const emptyLedger = (): Ledger => ({
  due: 0,
  launched: 0,
  skipped: 0,
  lost: 0,
  completed: 0,
  failed: 0,
  unfinished: 0,
})

export const balances = (l: Ledger): boolean =>
  l.due === l.launched + l.skipped + l.lost && l.launched === l.completed + l.failed + l.unfinished

export function addLedgers(ledgers: Iterable<Ledger>): Ledger {
  const sum = emptyLedger()
  for (const ledger of ledgers) {
    for (const key of Object.keys(sum) as (keyof Ledger)[]) sum[key] += ledger[key]
  }
  return sum
}
