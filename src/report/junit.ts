/**
 * The verdict as JUnit XML: one suite, a case for each threshold, for each step that was tried out, or for each scenario that was sampled, and one for the verdict itself. Of an
 * inconclusive run every threshold is an error: nothing can be said of it.
 */
import { DOMImplementation, type Element, XMLSerializer } from '@xmldom/xmldom'
import type { StepResult } from '../measure/acceptance.ts'
import { balances } from '../measure/ledger.ts'
import { latency } from '../measure/summary.ts'
import { isSpent, type Judged } from '../measure/verdict.ts'
import type { Sampling } from '../plan/sampling.ts'
import type { RunRecord } from '../run/record.ts'
import { ledgerOf } from '../run/state.ts'
import { microsToMillis } from '../units.ts'
import { problems, tried } from './acceptance.ts'
import { sentence } from './advice.ts'
import { monitored } from './monitoring.ts'

/** `failure`: what was asked did not hold; `error`: it cannot be said whether it did. */
type Case = {
  classname: string
  name: string
  seconds: number
  problem: { kind: 'failure' | 'error'; type: string; messages: string[] } | null
}

export function junitReport(record: RunRecord): string {
  const { id, startedAt, endedAt, script } = record
  const cases = [
    ...stepCases(record),
    ...record.thresholds.map((judged) => thresholdCase(judged, record)),
    verdictCase(record),
  ]
  const count = (kind: 'failure' | 'error'): number => cases.filter(({ problem }) => problem?.kind === kind).length
  const document = new DOMImplementation().createDocument(null, 'testsuites')
  const add = (to: Element, name: string, attributes: Record<string, string | number>, text = ''): Element => {
    const element = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, clean(String(value)))
    if (text !== '') element.appendChild(document.createTextNode(clean(text)))
    to.appendChild(element)
    return element
  }
  const suite = add(document.documentElement as Element, 'testsuite', {
    ...{ name: script.file, package: 'slsart', id: 0, hostname: record.fleet },
    ...{ tests: cases.length, failures: count('failure'), errors: count('error') },
    // The schema knows no time zones: this is UTC.
    ...{ timestamp: new Date(startedAt).toISOString().slice(0, 19), time: (endedAt - startedAt) / 1000 },
  })
  const properties = add(suite, 'properties', {})
  for (const [name, value] of Object.entries(propertiesOf(record))) add(properties, 'property', { name, value })
  for (const { classname, name, seconds, problem } of cases) {
    const one = add(suite, 'testcase', { classname, name, time: seconds })
    if (problem)
      add(one, problem.kind, { message: problem.messages[0] ?? '', type: problem.type }, problem.messages.join('\n'))
  }
  add(suite, 'system-out', {}, `slsart report ${id}`)
  add(suite, 'system-err', {})
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(document)}\n`
}

/** The report's numbers, under its names. */
function propertiesOf({ id, state, verdict, exit }: RunRecord): Record<string, string | number> {
  const { totals, plan } = state
  const ledger = ledgerOf(state)
  const latencies = (['response', 'service', 'lateness'] as const).flatMap((name) => {
    const { count, p50, p90, p95, p99, p999, max } = latency(totals.histogram(name))
    if (count === 0) return []
    return Object.entries({ p50, p90, p95, p99, p999, max }).map(([point, value]) => [`${name}_${point}_ms`, value])
  })
  return {
    ...{ run: id, seed: plan.seed, verdict: verdict.result, trust: verdict.trust, exit: exit.code },
    ...ledger,
    balanced: String(balances(ledger)),
    requests: totals.counter('requests'),
    responses: totals.counter('responses'),
    failures: totals.counter('failures'),
    ...(Object.fromEntries(latencies) as Record<string, number>),
  }
}

function stepCases({ steps, monitoring }: RunRecord): Case[] {
  if (monitoring !== null) return sampledCases(steps ?? [], monitoring)
  return tried(steps ?? []).flatMap(({ name: classname, steps: own }) =>
    own.map((step, i): Case => {
      const messages = problems(step)
      return {
        // A loop runs a step more than once.
        ...{ classname, name: `${i + 1}. ${step.step}`, seconds: microsToMillis(step.took) / 1000 },
        problem: messages.length === 0 ? null : { kind: 'failure', type: 'assertion', messages },
      }
    }),
  )
}

/** Errors within the budget fail none of them. */
function sampledCases(steps: readonly StepResult[], sampling: Sampling): Case[] {
  const { spent, scenarios, failures } = monitored(steps, sampling)
  return scenarios.map(({ name, samples, errors }): Case => {
    const own = failures.filter((sample) => sample.name === name).flatMap((sample) => sample.steps)
    const messages = own.flatMap((step) => problems(step).map((problem) => `${step.step}: ${problem}`))
    const took = steps.filter(({ scenario }) => scenario === name).reduce((sum, step) => sum + step.took, 0)
    return {
      ...{ classname: 'monitoring', name: `${name}, ${samples} times`, seconds: microsToMillis(took) / 1000 },
      problem: spent && errors > 0 ? { kind: 'failure', type: 'assertion', messages } : null,
    }
  })
}

function thresholdCase({ said, ok, strict, observed, at, relative }: Judged, { verdict }: RunRecord): Case {
  const message = sentence({ kind: 'threshold', said, observed, at, relative })
  const result = ((): Case['problem'] => {
    if (!strict) return null
    if (!ok) return { kind: 'failure', type: 'threshold', messages: [message] }
    if (verdict.result !== 'inconclusive') return null
    return { kind: 'error', type: 'inconclusive', messages: ['The run is inconclusive: see the case "verdict".'] }
  })()
  return { classname: 'thresholds', name: strict ? said : `${said} (optional)`, seconds: 0, problem: result }
}

/** What no other case says. */
function verdictCase({ verdict, startedAt, endedAt }: RunRecord): Case {
  const { result, reasons } = verdict
  const others = reasons.filter(({ kind }) => kind !== 'threshold' && kind !== 'acceptance')
  const messages = others.map(sentence)
  const failing = others.some(
    (reason) =>
      ['aborted', 'expectations', 'suggested'].includes(reason.kind) ||
      (reason.kind === 'monitoring' && isSpent(reason)),
  )
  const problem = ((): Case['problem'] => {
    if (result === 'inconclusive') return { kind: 'error', type: 'inconclusive', messages }
    return failing ? { kind: 'failure', type: 'verdict', messages } : null
  })()
  return { classname: 'run', name: 'verdict', seconds: (endedAt - startedAt) / 1000, problem }
}

/** Without what XML cannot hold. */
const clean = (text: string): string =>
  text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
