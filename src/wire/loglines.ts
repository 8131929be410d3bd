/** Lines of workers' logs. Where many share one log, each begins with the run, the slice and the attempt that it is of. */
import type { Millis } from '../units.ts'

/** `slice`: a hook's is below 0. `at`: when it was logged; null where nobody keeps that. */
export type LogLine = { at: Millis | null; slice: number; attempt: number; text: string }

/** `[slsart 20261120-221530-1a2b3c 7-1] ` */
export const logPrefix = ({ run, slice, attempt }: Omit<Prefixed, 'text'>): string =>
  `[slsart ${run} ${slice}-${attempt}] `

const PREFIXED = /^\[slsart (\S+) (-?\d+)-(\d+)\] /

export type Prefixed = { run: string; slice: number; attempt: number; text: string }

/** null for a line that no worker has written. */
export function prefixIn(line: string): Prefixed | null {
  const [prefix, run, slice, attempt] = PREFIXED.exec(line) ?? []
  if (prefix === undefined || run === undefined) return null
  return { run, slice: Number(slice), attempt: Number(attempt), text: line.slice(prefix.length) }
}
