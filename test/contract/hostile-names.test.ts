/** Names and messages that break out of a format when they are taken for a part of it: in every report they are text, and nothing else. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DOMParser } from '@xmldom/xmldom'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packFrame } from '../../lambda/packing.ts'
import { FRAME_VERSION } from '../../src/measure/frame.ts'
import { named } from '../../src/measure/names.ts'
import { csvReport } from '../../src/report/csv.ts'
import { drawnOf } from '../../src/report/drawing.ts'
import { tellGithub } from '../../src/report/github.ts'
import { pageOf } from '../../src/report/html.ts'
import { jsonReport } from '../../src/report/json.ts'
import { junitReport } from '../../src/report/junit.ts'
import { markdownReport } from '../../src/report/markdown.ts'
import { resultsOf } from '../../src/report/results.ts'
import { textReport } from '../../src/report/text.ts'
import { openRecord, type RunRecord, readRecord } from '../../src/run/record.ts'
import { constant, frameBytes } from '../support/arbitraries.ts'
import { planOf } from '../support/plans.ts'

const HTML = '</script><img src=x onerror=alert(1)>'
const LINK = '[click](http://evil.example) ![seen](http://evil.example/pixel)'
const CELL = '=cmd|calc!A1'
const PIPE = 'a | b ` c\n::error::forged'
const ODD = [HTML, LINK, CELL, ']]> <!--', '__proto__', 'constructor']

let folder = ''
let record: RunRecord

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slsart-hostile-'))
  const log = await openRecord(join(folder, 'run'), {
    ...{
      schema: 'slsart.run/1',
      frames: FRAME_VERSION,
      id: 'a',
      fleet: 'local',
      engine: 'native',
      launchedAt: 0,
      acceptance: true,
      monitoring: null,
    },
    ...{
      baseline: null,
      money: { cap: null, tariff: null },
      platform: null,
      plan: planOf([{ ...constant(2, 1), name: HTML }], 1),
    },
    script: {
      ...{ target: 'http://target/<b>', file: `${HTML}.yml`, scenarios: ODD, warmUp: [], strict: false, quorum: 1 },
      thresholds: [{ kind: 'ensure', said: `${LINK}${HTML}`, expression: 'p99 < 1', strict: true }],
    },
  })
  const counters = Object.fromEntries(
    ODD.flatMap((name) => [
      [named('requests', 'endpoint', name), 3],
      [named('errors', 'error', name), 2],
      [named('launched', 'scenario', name), 1],
    ]),
  )
  const samples = Object.fromEntries(ODD.map((name) => [named('response', 'endpoint', name), [1_500]]))
  const failures = ODD.map((code) => ({
    ...{
      code,
      message: `${PIPE.replace('\n', ' ')} ${HTML}`,
      scenario: HTML,
      endpoint: LINK,
      status: null,
      arrival: 1,
      second: 0,
    },
  }))
  const bytes = frameBytes({ counters: { ...counters, launched: 2, requests: 9 }, samples, failures })
  log.event({ type: 'go', t0: 0 }, 0)
  log.frame({ slice: 0, second: 0 }, packFrame(bytes), 500)
  const step = { arrival: 0, scenario: HTML, step: LINK, status: 200, took: 5, error: `${PIPE} ${HTML}` }
  log.event({ type: 'step', slice: 0, step: { ...step, asserted: [{ ok: false, said: `${CELL} ${LINK}` }] } }, 600)
  log.event(
    {
      type: 'fault',
      slice: 0,
      attempt: 1,
      fault: { type: 'fault', code: 'worker', message: `${HTML} ${LINK} ${PIPE}`, at: null },
    },
    700,
  )
  log.event({ type: 'gone', slice: 0, attempt: 1, reason: `${HTML} ${LINK}`, billed: null, again: false }, 800)
  await log.close()
  record = await readRecord(join(folder, 'run'))
})
afterAll(() => rm(folder, { recursive: true }))

it('HTML: no element that is not ours', () => {
  const results = resultsOf(record, null)
  const page = pageOf(jsonReport(record, results), drawnOf(record, results), { script: '', style: '', more: HTML })
  expect(page).not.toContain('<img')
  expect(page.match(/<\/script>/g)).toHaveLength(page.match(/<script/g)?.length ?? 0)
})

it('JUnit: well-formed, with the text as it is', () => {
  const problems: unknown[] = []
  const parser = new DOMParser({ onError: (level, message) => void problems.push([level, message]) })
  const document = parser.parseFromString(junitReport(record), 'text/xml')
  expect(problems).toEqual([])
  expect(document.getElementsByTagName('img')).toHaveLength(0)
  expect(document.getElementsByTagName('testcase').item(0)?.getAttribute('classname')).toBe(HTML)
})

it('Markdown: no element, no link, no picture, and each cell in its own', () => {
  const text = markdownReport(record, null)
  const outsideCode = text.replaceAll(/`[^`\n]*`/g, '')
  expect(outsideCode).not.toMatch(/<[a-z/!]/i)
  expect(outsideCode).not.toMatch(/(?<!\\)\]\(/)
  for (const line of text.split('\n').filter((one) => one.startsWith('|'))) {
    expect(line.replaceAll('\\|', '').split('|').length, line).toBeLessThan(20)
  }
})

it('CSV: numbers and our own heads, so that no cell is a formula', () => {
  const [head = '', ...rows] = csvReport(resultsOf(record, null)).trimEnd().split('\n')
  for (const cell of head.split(',')) expect(cell).toMatch(/^\w+$/)
  for (const row of rows) for (const cell of row.split(',')) expect(cell).toMatch(/^-?[\d.]*$/)
})

it("GitHub's commands: one line each, and none that somebody else has written", async () => {
  const said: string[] = []
  const stderr = { write: (text: string) => void said.push(text), room: async () => {}, isTty: false }
  await tellGithub(record, '', { env: { GITHUB_ACTIONS: 'true' }, stderr })
  const lines = said.join('').trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) expect(line).toMatch(/^::error title=slsart: /)
})

it('text: every name as it is', () => {
  expect(textReport(record, null)).toContain(HTML)
})
