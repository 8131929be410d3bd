/** Scenarios tried out, once or several times each: what came of every step. Its assertions decide, and an error is a failure too. */
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

/** As serverless-artillery counts: each assertion that does not hold, and what ended the virtual user there. */
export const errorsIn = ({ asserted, error }: StepResult): number =>
  asserted.filter(({ ok }) => !ok).length + (error === null ? 0 : 1)

/** What a monitoring round came to. `failed`: of its `samples`, those with errors; `scenarios`: whose. */
export type Round = { errors: number; samples: number; failed: number; scenarios: string[] }

export function roundOf(steps: readonly StepResult[]): Round {
  const wrong = steps.filter((step) => errorsIn(step) > 0)
  return {
    errors: wrong.reduce((sum, step) => sum + errorsIn(step), 0),
    samples: new Set(steps.map(({ arrival }) => arrival)).size,
    failed: new Set(wrong.map(({ arrival }) => arrival)).size,
    scenarios: [...new Set(wrong.map(({ scenario }) => scenario))],
  }
}

export const stepHolds = ({ asserted, error }: StepResult): boolean => error === null && asserted.every(({ ok }) => ok)
