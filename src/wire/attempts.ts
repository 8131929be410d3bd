/** Workers of a run, by slice and attempt. */
import { isSame, type SliceAttempt } from './orders.ts'

export const nameOf = ({ slice, attempt }: SliceAttempt): string => `${slice}-${attempt}`

export const isAmong = (all: readonly SliceAttempt[], one: SliceAttempt): boolean =>
  all.some((other) => isSame(one, other))

/** All of both, each once. */
export const withThese = (all: readonly SliceAttempt[], more: readonly SliceAttempt[]): SliceAttempt[] => [
  ...all,
  ...more.filter((one) => !isAmong(all, one)),
]
