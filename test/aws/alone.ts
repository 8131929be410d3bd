/** Runs of the stage dev that nobody conducts, for tests: their script, and what is reported of them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Report, readReport, run, workFolder } from '../support/cli.ts'
import type { Aws } from './standin/start.ts'

export const script = (url: string, { phases, slsart = {} }: { phases: object[]; slsart?: object }): string =>
  JSON.stringify({
    config: { target: url, phases, slsart },
    scenarios: [
      { name: 'one', weight: 2, flow: [{ get: { url: '/items?r={{ $randomNumber(1, 1000) }}' } }] },
      { name: 'two', weight: 1, flow: [{ get: { url: '/items/3' } }] },
    ],
  })

export const invoke = ['invoke', '-p', 'script.json', '--seed', '7', '--workers', '3']

/** Its report, from a machine that knows its name alone, once it is over. */
export async function reported(aws: Pick<Aws, 'env'>, id: string, within = 90_000): Promise<Report> {
  const until = performance.now() + within
  for (;;) {
    const folder = workFolder()
    const { stderr } = await run(folder, ['report', id, '--stage', 'dev', '-o', 'report.json'], aws.env)
    const report = readReport(folder)
    if (report.verdict.reasons.every(({ kind }) => kind !== 'record-cut')) return report
    if (performance.now() > until) expect.fail(`${stderr}\n${JSON.stringify(report.verdict)}`)
    await sleep(1_000)
  }
}

export const counted = ({ ledger, scenarios, endpoints, phases }: Report): object => ({
  ledger,
  scenarios: scenarios.map(({ name, launched, requests }) => ({ name, launched, requests })),
  endpoints: endpoints.map(({ endpoint, requests, responses }) => ({ endpoint, requests, responses })),
  phases: phases.map(({ name, launched }) => ({ name, launched })),
})
