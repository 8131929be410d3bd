/** What a cell is sorted by; null was not measured. */
export type Key = number | string | null

/** Downwards, the largest or last first; what was not measured is last both ways. */
export function compare(a: Key, b: Key, down: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  const up = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en')
  return down ? -up : up
}
