/** A monitoring round: a line a scenario, and the steps of samples that had errors. */
import { errorsIn, roundOf, type StepResult } from '../measure/acceptance.ts'
import { isSpent } from '../measure/verdict.ts'
import type { Sampling } from '../plan/sampling.ts'
import { type Tried, tried, triedText, unassertedText } from './acceptance.ts'
import { columns } from './columns.ts'

/** Of how many samples that had errors a report has the steps. */
const MOST_SHOWN = 10

type Sampled = { name: string; samples: number; failed: number; errors: number }
export type Monitored = Omit<Sampled, 'name'> & { spent: boolean; scenarios: Sampled[]; failures: Tried[] }

export function monitored(steps: readonly StepResult[], { errorBudget }: Sampling): Monitored {
  const { samples, failed, errors } = roundOf(steps)
  const byScenario = Map.groupBy(steps, ({ scenario }) => scenario)
  return {
    ...{ samples, failed, errors, spent: isSpent({ errors, budget: errorBudget }) },
    scenarios: [...byScenario].map(([name, own]) => {
      const { samples, failed, errors } = roundOf(own)
      return { name, samples, failed, errors }
    }),
    failures: tried(steps.filter(among(steps)))
      .filter(({ ok }) => !ok)
      .slice(0, MOST_SHOWN),
  }
}

/** Whether a step is of a sample that had errors. */
function among(steps: readonly StepResult[]): (step: StepResult) => boolean {
  const failed = new Set(steps.filter((step) => errorsIn(step) > 0).map(({ arrival }) => arrival))
  return ({ arrival }) => failed.has(arrival)
}

export function monitoringText(steps: readonly StepResult[], sampling: Sampling): string[][] {
  const { scenarios, failures, errors, failed } = monitored(steps, sampling)
  const rows = scenarios.map((of) => [of.name, String(of.samples), String(of.failed), String(of.errors)])
  const more = failed - failures.length
  return [
    columns([['scenario', 'samples', 'failed', 'errors'], ...rows]),
    [`error budget  ${errors} of ${sampling.errorBudget} used`],
    ...triedText(failures),
    more > 0 ? [`and ${more} more samples with errors`] : [],
    unassertedText(steps),
  ]
}
