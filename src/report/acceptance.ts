/** Scenarios that were tried out, a line a step. */
import { type StepResult, stepHolds } from '../measure/acceptance.ts'
import { microsToMillis } from '../units.ts'
import { columns } from './columns.ts'

export type Tried = { name: string; ok: boolean; steps: StepResult[] }

/** By scenario, in the order of the script. */
export function tried(steps: readonly StepResult[]): Tried[] {
  const byArrival = Map.groupBy(steps, ({ arrival }) => arrival)
  return [...byArrival]
    .toSorted(([a], [b]) => a - b)
    .map(([, own]) => ({ name: own[0]?.scenario ?? '', ok: own.every(stepHolds), steps: own }))
}

/** What is wrong with a step; empty when it holds. */
export const problems = ({ asserted, error }: StepResult): string[] => [
  ...asserted.filter(({ ok }) => !ok).map(({ said }) => said),
  ...(error === null ? [] : [error]),
]

/** `ok` is what an assertion says; where none was made there is only an answer. */
export const mark = (step: StepResult): 'ok' | 'FAIL' | '–' =>
  stepHolds(step) ? (step.asserted.length > 0 ? 'ok' : '–') : 'FAIL'

/** Requests that any answer would have passed. */
const unasserted = (steps: readonly StepResult[]): number =>
  steps.filter((step) => step.status !== null && mark(step) === '–').length

export const tookMillis = ({ took }: StepResult): string => microsToMillis(took).toFixed(2)

export const acceptanceText = (steps: readonly StepResult[]): string[][] => [
  ...triedText(tried(steps)),
  unassertedText(steps),
]

export function unassertedText(steps: readonly StepResult[]): string[] {
  const open = unasserted(steps)
  return open === 0 ? [] : [`– ${open} of ${steps.length} steps assert nothing: any answer passes them.`]
}

export const triedText = (scenarios: readonly Tried[]): string[][] =>
  scenarios.map(({ name, ok, steps: own }) => {
    const rows = own.map((step) => [
      step.step,
      step.status === null ? '' : String(step.status),
      `${tookMillis(step)} ms`,
    ])
    const lines = columns(rows)
    return [
      `scenario   ${name}: ${ok ? 'ok' : 'FAIL'}`,
      ...own.flatMap((step, i) => [
        `  ${mark(step).padEnd(4)}  ${lines[i]}`,
        ...problems(step).map((problem) => `        ${problem}`),
      ]),
    ]
  })
