/** What the counting server tells of the requests of one group: the first part of their paths. */
export type Summary = {
  count: number
  /** Milliseconds since the epoch; null when there was none. */
  first: number | null
  last: number | null
  /** Values of the header `x-arrival` that more than one request had, and how many each. */
  doubled: Record<string, number>
}
/** A message over a WebSocket is one too. */
export type Request = { at: number; path: string; headers: Record<string, string | string[] | undefined> }

export type Question =
  | { id: number; ask: 'summary' | 'requests'; group: string }
  | { id: number; ask: 'fail'; group: string; fails: boolean }
