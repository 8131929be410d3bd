/** What runs are called: a name that sorts by time and does not collide, 20261120-221530-1a2b3c. */
import type { Millis } from '../units.ts'

/** `entropy`: six hexadecimal digits. */
export function runIdAt(now: Millis, entropy: string): string {
  const [date = '', time = ''] = new Date(now).toISOString().split('T')
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${entropy}`
}

/** Nothing else is looked for in a bucket. */
export const isRunId = (name: string): boolean => /^\d{8}-\d{6}-[0-9a-f]{6}$/.test(name)
