/** A run's reports again, from its record alone. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { type Report, readReport, run, start, workFolder } from '../support/cli.ts'

const script = (target: string): string => `config:
  target: ${target}
  phases: [{ name: warm, duration: 1, arrivalRate: 10 }, { name: peak, duration: 3, arrivalRate: 20 }]
  slsart: { warmup: [warm] }
  ensure: { thresholds: [{ http.response_time.p99: 1 }] }
scenarios:
  - flow: [{ get: { url: /items/1 } }, { get: { url: /flaky, expect: { statusCode: 200 } } }]
after: { flow: [{ get: { url: /nowhere, match: { json: $.a, value: 1 } } }] }
`
const KINDS = ['json', 'xml', 'html', 'md', 'csv', 'hlog']
const outputs = (name: string): string[] => KINDS.flatMap((kind) => ['-o', `${name}.${kind}`])

test('are the same to the byte, in every format', async () => {
  const target = await startTarget()
  const folder = workFolder({ 'script.yml': script(target.url) })
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '3', '-q', '--seed', '7', ...outputs('live')]
  const live = await run(folder, args)
  await target.close()
  expect(live.code, live.stderr).toBe(10)
  const again = await run(folder, ['report', ...outputs('again')])
  expect(again.code, again.stderr).toBe(0)
  expect(again.stdout).toBe(live.stdout)
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  for (const kind of KINDS) expect(read(`again.${kind}`), kind).toBe(read(`live.${kind}`))
  const { id } = (JSON.parse(read('live.json')) as Report).run
  expect(read(`.slsart/runs/${id}/report.json`)).toBe(read('live.json'))

  const listed = await run(folder, ['history'])
  expect(listed.stdout).toMatch(new RegExp(`${id} +script\\.yml +70 +fail +10 +70 `))
  const json = JSON.parse((await run(folder, ['history', '--json'])).stdout) as { runs: object[] }
  expect(json.runs).toMatchObject([{ id, arrivals: 70, ending: { verdict: 'fail', exit: 10, launched: 70 } }])
})

test('are there for a run whose conductor was killed, and say what is missing', async () => {
  const target = await startTarget()
  const folder = workFolder({ 'script.yml': script(target.url).replace('duration: 3', 'duration: 30') })
  const { child, ended, stderrHas } = start(folder, [
    'invoke',
    '-p',
    'script.yml',
    '--local',
    '--workers',
    '2',
    '--progress',
    'json',
  ])
  await stderrHas('"at":3')
  child.kill('SIGKILL')
  await ended
  const { code, stdout, stderr } = await run(folder, ['report', '-o', 'report.json', '-o', 'report.html'])
  await target.close()
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('verdict    inconclusive')
  const { ledger, verdict, exit } = readReport(folder)
  expect(ledger.balanced).toBe(true)
  expect(ledger.due).toBe(610)
  expect(ledger.launched).toBeGreaterThan(20)
  expect(verdict.reasons.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['record-cut', 'lost-workers']))
  expect(exit.code).toBe(12)
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('</span> Inconclusive</h1>')
  expect((await run(folder, ['history'])).stdout).toMatch(/no end/)
})

test('of a run that is not there are refused', async () => {
  const folder = workFolder({})
  const { code, stderr } = await run(folder, ['report', 'nothing'])
  expect(code).toBe(2)
  expect(stderr).toContain('there is no run "nothing" here')
  expect((await run(folder, ['history'])).stdout).toBe('No run has left a record in this folder yet.\n')
  expect(readdirSync(folder)).toEqual([])
})
