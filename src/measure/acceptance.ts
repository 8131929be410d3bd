/** Scenarios tried out once each: what came of every step. Its assertions decide, and an error is a failure too. */
import type { Micros } from '../units.ts'

/** `said`: what was expected, and what came. */
type Assertion = { ok: boolean; said: string }

/** `arrival`: whose step it was. `status` is null for what is no HTTP request; `error` is why the virtual user ended there. */
export type StepResult = {
  arrival: number
  scenario: string
  step: string
  status: number | null
  took: Micros
  asserted: Assertion[]
  error: string | null
}

export const stepHolds = ({ asserted, error }: StepResult): boolean => error === null && asserted.every(({ ok }) => ok)
