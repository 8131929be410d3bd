/** Scenarios tried out once each. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { type Ended, type Report, readReport, run, workFolder } from '../support/cli.ts'

const script = (target: string, flows: string): string => `config:
  target: ${target}
  phases: [{ duration: 600, arrivalRate: 50 }]
  plugins: { expect: {} }
  ensure: { thresholds: [{ http.requests: 1 }] }
  processor: ./hooks.js
scenarios:
${flows}`

const hooks = 'exports.sign = (context, _events, done) => { context.vars.signed = "yes"; done() }\n'
const SHOP = `  - name: shop
    weight: 9
    flow:
      - function: sign
      - get: { url: /items, capture: { json: "$.items[0].id", as: id }, expect: { statusCode: 200, contentType: json } }
      - think: 0.1
      - get: { url: "/items/{{ id }}", match: { json: $.name, value: item 1 } }
      - get: { url: /items/2 }
`
const ACCOUNT = `  - name: account
    flow:
      - get: { url: /account, name: who, expect: { statusCode: 200 } }
      - loop: [{ get: { url: "/items/{{ $loopCount }}", expect: { statusCode: 200 } } }]
        count: 2
      - get: { url: /items/1, match: { json: $.name, value: item 2 } }
      - get: { url: /never }
`

async function tryOut(
  flows: string,
  command: string[] = ['smoke'],
): Promise<Ended & { folder: string; total: number; report: Report }> {
  const target = await startTarget()
  const folder = workFolder({ 'script.yml': script(target.url, flows), 'hooks.js': hooks })
  const args = [...command, '-p', 'script.yml', '--local', '-q', '-o', 'report.json', '-o', 'r.xml', '-o', 'r.md']
  const ended = await run(folder, args)
  await target.close()
  return { ...ended, folder, total: target.total(), report: readReport(folder) }
}

/** Without times. */
const lines = ({ stdout }: Ended): string[] =>
  stdout
    .split('\n')
    .filter((line) => /^(scenario| {2}(ok|FAIL|–) | {8}\S|– )/.test(line))
    .map((line) =>
      line
        .replaceAll(/ +\d+\.\d\d ms/g, '')
        .replaceAll(/ {2,}/g, '  ')
        .trimEnd(),
    )

test('that hold pass: each once, whatever its weight and the script’s load, a line a step', async () => {
  const tried = await tryOut(SHOP)
  expect(tried.code, tried.stdout + tried.stderr).toBe(0)
  expect(tried.total).toBe(3)
  expect(lines(tried)).toEqual([
    'scenario  shop: ok',
    '  –  function sign',
    '  ok  GET /items  200',
    '  –  think 0.1',
    '  ok  GET /items/{{ id }}  200',
    '  –  GET /items/2  200',
    '– 1 of 5 steps assert nothing: any answer passes them.',
  ])
  expect(tried.report.exit).toEqual({ code: 0, all: [0] })
})

test('that do not hold make exit code 15, and say what was expected', async () => {
  const tried = await tryOut(SHOP + ACCOUNT, ['invoke', '-a'])
  expect(tried.code, tried.stderr).toBe(15)
  expect(tried.report.exit.all).toEqual([15])
  expect(lines(tried).slice(6)).toEqual([
    'scenario  account: FAIL',
    '  FAIL  who  401',
    '  statusCode: expected 200, got 401',
    '  FAIL  GET /items/{{ $loopCount }}  404',
    '  statusCode: expected 200, got 404',
    '  ok  GET /items/{{ $loopCount }}  200',
    '  FAIL  GET /items/1  200',
    '  $.name: expected item 2, got item 1',
    '– 1 of 9 steps assert nothing: any answer passes them.',
  ])
  expect(tried.stdout).toContain('3 steps of 9 failed, in account.')
  const xml = readFileSync(join(tried.folder, 'r.xml'), 'utf8')
  expect(xml).toContain('<testcase classname="account" name="4. GET /items/1"')
  expect(xml).toContain('tests="10" failures="3" errors="0"')
  expect(readFileSync(join(tried.folder, 'r.md'), 'utf8')).toContain('`$.name: expected item 2, got item 1`')

  expect((await run(tried.folder, ['report', '-o', 'again.json'])).stdout).toBe(tried.stdout)
  const read = (name: string): string => readFileSync(join(tried.folder, name), 'utf8')
  expect(read('again.json')).toBe(read('report.json'))
})

test('fail by what happens to them too: no answer, a hook that throws, a function', async () => {
  const folder = workFolder({
    'script.yml': script(
      'http://127.0.0.1:9',
      `  - { name: down, flow: [{ get: { url: / } }] }
  - { name: hook, beforeRequest: broken, flow: [{ get: { url: / } }] }
  - { name: own, flow: [{ function: broken }] }
`,
    ),
    'hooks.js': `${hooks}exports.broken = (...given) => given.at(-1)(new Error('broken indeed'))\n`,
  })
  const tried = await run(folder, ['smoke', '-p', 'script.yml', '--local', '-q', '-o', 'report.json'])
  expect(tried.code, tried.stderr).toBe(15)
  expect(lines(tried)).toEqual([
    'scenario  down: FAIL',
    '  FAIL  GET /',
    '  connect ECONNREFUSED 127.0.0.1:9',
    'scenario  hook: FAIL',
    '  FAIL  GET /',
    '  broken indeed',
    'scenario  own: FAIL',
    '  FAIL  function broken',
    '  broken indeed',
  ])
})

test('are tried out by one worker', async () => {
  const folder = workFolder({ 'script.yml': script('http://127.0.0.1:9', SHOP), 'hooks.js': hooks })
  const { code, stderr } = await run(folder, ['invoke', '-a', '-p', 'script.yml', '--local', '--workers', '2'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('scenarios are tried out in one worker')])
})
