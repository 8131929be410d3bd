/** Bad input ends before anything is sent: the place, what is wrong, the way out, and the contract's exit code. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { invoke, run, workFolder } from '../support/cli.ts'

const GOOD = `config:
  target: http://127.0.0.1:1
  phases:
    - duration: 1
      arrivalRate: 5
scenarios:
  - flow:
      - get: { url: / }
`
const local = ['invoke', '-p', 'script.yml', '--local', '--workers', '2']

type Case = {
  name: string
  script?: string
  files?: Record<string, string>
  args?: string[]
  exit: number
  says: (string | RegExp)[]
}

const cases: Case[] = [
  {
    name: 'a script that is not there',
    args: ['invoke', '-p', 'gone.yml', '--local'],
    exit: 2,
    says: ['gone.yml: cannot read the script'],
  },
  ...['0', '-1', '$5', '1e999', '0x10', 'much'].map((text) => ({
    name: `a cap of ${text}`,
    script: GOOD,
    args: [...local, '--max-cost', text],
    exit: 2,
    says: [`--max-cost must be a number above 0: US dollars, such as 5 or 0.25, found "${text}"`],
  })),
  {
    name: 'a cap that the load is above',
    script: GOOD.replace('config:', 'config:\n  slsart: { maxCost: 0.001, price: { usdPerWorkerHour: 3.6 } }'),
    args: local,
    exit: 3,
    says: ['this load costs $', 'and --max-cost is 0.001', 'it could begin', 'No request was sent'],
  },
  {
    name: 'a cap by a price for memory, on this machine',
    script: GOOD.replace('config:', 'config:\n  slsart: { price: { usdPerGbSecond: 0.00001 } }'),
    args: [...local, '--max-cost', '5'],
    exit: 3,
    says: ['--max-cost 5 cannot be held', 'config.slsart.price: { usdPerWorkerHour: … }'],
  },
  { name: 'YAML that cannot be parsed', script: 'config: [\n  a: b: c', exit: 2, says: ['script.yml:2:'] },
  { name: 'a script that is a list', script: '- config', exit: 2, says: ['script.yml:1:1', 'a map'] },
  {
    name: 'a phase with a misspelt key',
    script: GOOD.replace('arrivalRate', 'arivalRate'),
    exit: 2,
    says: ['script.yml:5:7: unknown key "arivalRate" in config.phases[0]', 'Did you mean "arrivalRate"?'],
  },
  {
    name: 'a misspelt key in config',
    script: GOOD.replace('phases', 'phasess'),
    exit: 2,
    says: ['script.yml:3:3: unknown key "phasess" in config', 'Did you mean "phases"?'],
  },
  {
    name: 'a negative rate',
    script: GOOD.replace('arrivalRate: 5', 'arrivalRate: -5'),
    exit: 2,
    says: ['script.yml:5:7: config.phases[0].arrivalRate: -5 is below 0'],
  },
  {
    name: 'a rate that is no number',
    script: GOOD.replace('arrivalRate: 5', 'arrivalRate: fast'),
    exit: 2,
    says: ['"fast" is not a number'],
  },
  {
    name: 'a duration that is none',
    script: GOOD.replace('duration: 1', 'duration: 5 parsecs'),
    exit: 2,
    says: ['"5 parsecs" is not a duration'],
  },
  {
    name: 'a duration of zero',
    script: GOOD.replace('duration: 1', 'duration: 0'),
    exit: 2,
    says: ['script.yml:4:7', 'not a duration above 0'],
  },
  {
    name: 'phases that ask for nothing',
    script: GOOD.replace('arrivalRate: 5', 'arrivalRate: 0'),
    exit: 2,
    says: ['no arrivals at all'],
  },
  {
    name: 'no target',
    script: GOOD.replace(/ {2}target.*\n/, ''),
    exit: 2,
    says: ['the script has no target', '--target'],
  },
  {
    name: 'a target that is no address',
    script: GOOD.replace('http://127.0.0.1:1', 'localhost'),
    exit: 2,
    says: ['script.yml:2:3', 'not an http, https, ws or wss address'],
  },
  {
    name: 'a data file that is not there',
    script: GOOD.replace('  phases:', '  payload:\n    path: gone.csv\n    fields: [a]\n  phases:'),
    exit: 2,
    says: ['script.yml:4:5: cannot read the data file gone.csv'],
  },
  {
    name: 'a data file without rows',
    script: GOOD.replace('  phases:', '  payload:\n    path: a.csv\n    fields: [a]\n    skipHeader: true\n  phases:'),
    files: { 'a.csv': 'a\n' },
    exit: 2,
    says: ['the data file a.csv has no rows'],
  },
  {
    name: 'a processor that throws on import',
    script: GOOD.replace('  phases:', '  processor: ./hooks.ts\n  phases:'),
    files: { 'hooks.ts': 'const reason: string = "no database"\n\nthrow new Error(reason)\n' },
    exit: 2,
    says: [/hooks\.ts:3:7: the script's code cannot be loaded: Error: no database/],
  },
  {
    name: 'a processor with a syntax error',
    script: GOOD.replace('  phases:', '  processor: ./hooks.js\n  phases:'),
    files: { 'hooks.js': 'export function a( {\n' },
    exit: 2,
    says: [/hooks\.js:\d+:\d+: the script's code cannot be loaded/],
  },
  {
    name: 'a processor that is not there',
    script: GOOD.replace('  phases:', '  processor: ./gone.js\n  phases:'),
    exit: 2,
    says: ["the script's code cannot be loaded"],
  },
  {
    name: 'a step that is no action',
    script: GOOD.replace('- get:', '- gett:'),
    exit: 2,
    says: ['script.yml:8:9', 'Did you mean "get"?'],
  },
  {
    name: 'a request without url',
    script: GOOD.replace('{ url: / }', '{ json: {} }'),
    exit: 2,
    says: ['`get` needs a `url`'],
  },
  {
    name: 'a step with two actions',
    script: GOOD.replace('get: { url: / }', '{ get: { url: / }, think: 1 }'),
    exit: 2,
    says: ['a step has one action, this one has `get` and `think`'],
  },
  {
    name: 'a think time below nothing',
    script: GOOD.replace('get: { url: / }', 'think: -3'),
    exit: 2,
    says: ['"-3" is not a duration'],
  },
  {
    name: 'a million million arrivals, which no machine here can start',
    script: GOOD.replace('duration: 1', 'duration: 1000').replace('arrivalRate: 5', 'arrivalRate: 1000000000'),
    args: ['invoke', '-p', 'script.yml', '--local'],
    exit: 3,
    says: [/the plan needs \d{6,} workers at once, there is room for \d+/],
  },
  {
    name: 'more arrivals than can be counted',
    script: GOOD.replace('arrivalRate: 5', 'arrivalRate: 1.0e+17'),
    exit: 2,
    says: ['script.yml:3:3', 'more than 2^53 arrivals'],
  },
  {
    name: 'a think time that is none',
    script: GOOD.replace('get: { url: / }', 'think: a while'),
    exit: 2,
    says: ['"a while" is not a duration'],
  },
  {
    name: 'an engine that there is not',
    script: `${GOOD}before:\n  engine: grpc\n  flow: []\n`,
    exit: 2,
    says: ['script.yml:10:3: there is no engine "grpc"', 'config.engines'],
  },
  {
    name: 'the native engine for what it does not run',
    script: GOOD.replace('get: { url: / }', 'get: { url: /, http2: true }'),
    args: [...local, '--engine', 'native'],
    exit: 2,
    says: [
      'the native engine does not run the scenario "0": scenarios[0].flow[0].get.http2 is outside',
      '--engine auto',
    ],
  },
  {
    name: 'the native engine to try scenarios out',
    args: [...local, '-a', '--engine', 'native'],
    exit: 2,
    says: ["scenarios are tried out on Artillery's engine", 'Leave --engine out'],
  },
  {
    name: 'no workers',
    args: [...local.slice(0, 4), '--workers', '0'],
    exit: 2,
    says: ['--workers must be a whole number from 1 up, found "0"'],
  },
  {
    name: 'more workers than fit',
    args: [...local.slice(0, 4), '--workers', '99999'],
    exit: 3,
    says: [/needs 99999 workers at once, there is room for \d+: --workers \d+ or less would fit/],
  },
  { name: 'a seed that is no number', args: [...local, '--seed', '1.5'], exit: 2, says: ['--seed must be'] },
  { name: 'a misspelt flag', args: [...local, '--sede', '1'], exit: 2, says: ['unknown argument "--sede"', '--seed'] },
  { name: 'a flag without its value', args: ['plan', '-p'], exit: 2, says: ['Not enough arguments following: p'] },
  {
    name: 'a misspelt command',
    args: ['invok', '-p', 'script.yml'],
    exit: 2,
    says: ['unknown argument "invok"', 'invoke'],
  },
  { name: 'no command', args: [], exit: 2, says: [/^slsart: Say what to do: plan, invoke, .*, or \w+\.$/m] },
  { name: 'no script', args: ['plan'], exit: 2, says: ['no script was given', '--data'] },
  {
    name: 'an output that cannot be written',
    args: [...local, '-o', 'gone/x.json'],
    exit: 2,
    says: ['cannot write the output file gone/x.json'],
  },
  { name: 'an output of unknown format', args: [...local, '-o', 'x.pdf'], exit: 2, says: ['x.pdf', '.json'] },
]

test.concurrent.each(cases)('$name', async ({ script = GOOD, files = {}, args = local, exit, says }) => {
  const folder = workFolder({ 'script.yml': script, ...files })
  const { code, stdout, stderr } = await run(folder, args)
  for (const said of says) {
    if (said instanceof RegExp) expect(stderr).toMatch(said)
    else expect(stderr).toContain(said)
  }
  expect(stderr).not.toContain('    at ') // no stack for what is not our fault
  expect(stdout).toBe('')
  expect(code).toBe(exit)
})

test('a target that is down is counted as errors, and nothing measured is no pass', async () => {
  const target = await startTarget()
  await target.close()
  const { report, code, stdout } = await invoke(
    {
      config: { target: target.url, phases: [{ duration: 1, arrivalRate: 20 }] },
      scenarios: [{ flow: [{ get: { url: '/' } }] }],
    },
    { workers: 2 },
  )
  expect(report.ledger).toMatchObject({ due: 20, launched: 20, completed: 0, failed: 20, balanced: true })
  expect(report.errors).toMatchObject([{ code: 'ECONNREFUSED', count: 20, sample: { arrival: 0, status: null } }])
  expect(report.aggregate.counters['errors.ECONNREFUSED']).toBe(20)
  expect(report.endpoints).toMatchObject([{ endpoint: 'GET /', requests: 20, responses: 0, failures: 20 }])
  expect(report.verdict).toMatchObject({ result: 'inconclusive', reasons: [{ kind: 'no-response' }] })
  expect(stdout).toContain('Is the target up?')
  expect(code).toBe(12)
})

test('a report that cannot be written in the end is said so, exits 1, and costs nothing else', async () => {
  const target = await startTarget()
  const folder = workFolder({ 'script.yml': GOOD.replace('http://127.0.0.1:1', target.url) })
  symlinkSync('/dev/full', join(folder, 'full.json'))
  const { code, stdout, stderr } = await run(folder, [...local, '-q', '-o', 'full.json', '-o', 'good.json'])
  expect(stderr).toMatch(/the run is over, but full\.json cannot be written/)
  expect(stdout).toContain('verdict    pass')
  expect(code).toBe(1)
  expect(JSON.parse(readFileSync(join(folder, 'good.json'), 'utf8'))).toMatchObject({ ledger: { launched: 5 } })
  await target.close()
})

test('a folder that cannot be written is refused before anything is sent', async () => {
  const target = await startTarget()
  const folder = workFolder({
    'script.yml': GOOD.replace('http://127.0.0.1:1', target.url),
    '.slsart': 'a file in the way',
  })
  const { code, stderr } = await run(folder, local)
  expect(stderr).toMatch(/cannot write the run's folder/)
  expect(code).toBe(3)
  expect(target.total()).toBe(0)
  await target.close()
})

test('plan sends nothing and leaves nothing behind', async () => {
  const target = await startTarget()
  const folder = workFolder({ 'script.yml': GOOD })
  const { code, stdout } = await run(folder, ['plan', '-p', 'script.yml', '-t', target.url, '--workers', '3', '--json'])
  const plan = JSON.parse(stdout) as {
    schema: string
    plan: { arrivals: number; workers: number }
    windows: { arrivals: number; workers: number }[]
  }
  expect(code).toBe(0)
  expect(plan).toMatchObject({ schema: 'slsart.plan/1', plan: { arrivals: 5, workers: 3 } })
  expect(plan.windows).toMatchObject([{ arrivals: 5, workers: 3, decidedBy: 'asked' }])
  expect(target.total()).toBe(0)
  expect(existsSync(join(folder, '.slsart'))).toBe(false)
  expect(readdirSync(folder)).toEqual(['script.yml'])
  await target.close()
})

test('plan says which engine each scenario gets, and why', async () => {
  const script = `${GOOD}  - name: loops\n    flow: [{ loop: [{ get: { url: /, http2: true } }], count: 2 }]\n`
  const folder = workFolder({ 'script.yml': script })
  const planned = async (args: string[], env = {}): Promise<unknown> => {
    const { stdout } = await run(folder, ['plan', '-p', 'script.yml', '--json', ...args], env)
    return (JSON.parse(stdout) as { engines: unknown }).engines
  }
  const at = 'scenarios[1].flow[0].loop[0].get.http2'
  expect(await planned([])).toMatchObject([
    { scenario: '0', engine: 'native', kind: 'proven' },
    { scenario: 'loops', engine: 'artillery', kind: 'option', reason: expect.stringContaining(at) },
  ])
  expect(await planned([], { SLSART_ENGINE: 'artillery' })).toMatchObject([
    { engine: 'artillery', kind: 'asked' },
    { engine: 'artillery', kind: 'asked' },
  ])
  const text = await run(folder, ['plan', '-p', 'script.yml'])
  expect(text.stdout).toMatch(/\nloops +1 +artillery: scenarios\[1\]\.flow\[0\]\.loop\[0\]\.get\.http2 is outside/)
  const wrong = await run(folder, ['plan', '-p', 'script.yml'], { SLSART_ENGINE: 'both' })
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('one of auto, artillery, native, found "both"'),
  })
})

test('a Node that is too old is told so in one line', () => {
  const folder = workFolder({
    'old.cjs': "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })\n",
  })
  const bin = join(import.meta.dirname, '../../bin/slsart.js')
  const { status, stderr } = spawnSync(process.execPath, ['-r', join(folder, 'old.cjs'), bin, '--help'], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('slsart: needs Node 22.18 or newer, this is 20.20.2\n')
  expect(status).toBe(2)
})
