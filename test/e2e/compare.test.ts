/** Two recorded runs held against each other, as a job of CI would. */
import { cpSync, readFileSync, truncateSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { run, workFolder } from '../support/cli.ts'
import { runIn } from '../support/runs.ts'

type Compared = {
  endpoint: string | null
  metric: string
  baseline: number
  run: number
  answer: string
  change: { low: number; high: number }
}
type Json = {
  result: string
  sentence: string
  compared: Compared[]
  uncompared: object[]
  differences: object[]
  exit: { code: number }
}

const ARRIVALS = 240
const script = (target: string): string => `config:
  target: ${target}
  phases: [{ duration: 12, arrivalRate: 20 }]
scenarios:
  - flow: [{ get: { url: /a } }, { get: { url: /b } }]
`
const folder = workFolder()
const names: Record<'base' | 'same' | 'slow' | 'broken', string> = { base: '', same: '', slow: '', broken: '' }

/** A run against a target that answers `/b` after so many milliseconds, and `/a` in 20; all with that status. */
async function recorded(name: keyof typeof names, after: number, status = 200): Promise<void> {
  const server = createServer(async ({ url }, response) => {
    await sleep(url === '/b' ? after : 20)
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own = workFolder({ 'script.yml': script(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) })
  const { code, stderr } = await run(own, ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-q'])
  server.close()
  expect(code, stderr).toBe(0)
  cpSync(runIn(own), join(folder, name), { recursive: true })
  names[name] = (JSON.parse(readFileSync(join(folder, name, 'run.json'), 'utf8')) as { id: string }).id
}

beforeAll(async () => {
  // Two at once: those that start together share two processors.
  await Promise.all([recorded('base', 20), recorded('same', 20)])
  await Promise.all([recorded('slow', 35), recorded('broken', 20, 500)])
}, 60_000)

async function compared(...args: string[]): Promise<{ code: number | null; json: Json; stderr: string }> {
  const { code, stdout, stderr } = await run(folder, ['compare', ...args, '--json'])
  return { code, json: JSON.parse(stdout) as Json, stderr }
}

describe('two runs', () => {
  it('of the same thing are the same', async () => {
    // They ran at once, on two processors: by less than a fifth their latencies do not hold.
    const { code, json, stderr } = await compared('base', 'same', '--effect', '20')
    expect(code, `${JSON.stringify(json)}${stderr}`).toBe(0)
    expect(json).toMatchObject({
      schema: 'slsart.compare/1',
      baseline: names.base,
      run: names.same,
      result: 'no-regression',
    })
    expect(json.compared.map(({ endpoint, metric }) => `${endpoint} ${metric}`)).toEqual([
      ...['null p50_ms', 'null p95_ms'],
      ...['GET /a p50_ms', 'GET /a p95_ms', 'GET /b p50_ms', 'GET /b p95_ms'],
    ])
    // 480 answers say nothing of a p99.
    expect(json.uncompared).toEqual(
      [null, 'GET /a', 'GET /b'].map((endpoint) => ({ endpoint, metric: 'p99_ms', why: 'few' })),
    )
    expect(json.differences).toMatchObject([{ what: 'target' }])
  })

  it('of which one is slower at one endpoint: that is said first, and is exit 14', async () => {
    const { code, json } = await compared('base', 'slow')
    expect(code).toBe(14)
    expect(json).toMatchObject({ result: 'regression', exit: { code: 14 } })
    const medians = Object.fromEntries(
      json.compared.filter(({ metric }) => metric === 'p50_ms').map((one) => [one.endpoint, one]),
    )
    expect(medians['GET /b']).toMatchObject({ answer: 'worse' })
    expect(medians['GET /b']?.change.low).toBeGreaterThan(0.3)
    expect(medians['GET /b']?.change.high).toBeLessThan(1.2)
    expect(medians['GET /a']?.answer).not.toBe('worse')

    const { stdout } = await run(folder, ['compare', 'base', 'slow'])
    expect(stdout).toMatch(
      /^Regression: p\d\d of (GET \/b|all requests) is \d+ % longer \([\d.]+ to [\d.]+ ms; between \+\d+ % and \+\d+ %\)/,
    )
    expect(stdout).toMatch(/^GET \/b +p50 +2\d\.\d\d ms +3\d\.\d\d ms +\+\d+ % .* worse$/m)
    expect(stdout).toContain('not of the same target')
    // The other way around it is no regression.
    expect(await compared('slow', 'base')).toMatchObject({ code: 0, json: { result: 'no-regression' } })
    // Nor when nobody minds twice as much.
    expect(await compared('base', 'slow', '--effect', '150')).toMatchObject({ code: 0 })
  })

  it('of which one only fails, as fast as before', async () => {
    const { code, json } = await compared('base', 'broken')
    expect(code).toBe(14)
    const statuses = json.compared.find(({ metric }) => metric === 'error_statuses')
    expect(statuses).toMatchObject({ endpoint: null, baseline: 0, run: 1, answer: 'worse' })
    // Not the first sentence: a machine that stood still meanwhile has made it slower too, and that is said first then.
    expect((await run(folder, ['compare', 'base', 'broken'])).stdout).toMatch(/statuses from 400 +0\.00 % +100\.00 %/)
  })

  it('of which one was cut off are inconclusive', async () => {
    cpSync(join(folder, 'base'), join(folder, 'cut'), { recursive: true })
    truncateSync(join(folder, 'cut/events.bin'), 20_000)
    const runJson = join(folder, 'cut/run.json')
    cpSync(join(folder, 'same/run.json'), runJson)
    const { code, json } = await compared('base', 'cut')
    expect(code).toBe(12)
    expect(json).toMatchObject({ result: 'inconclusive', inconclusive: [names.same] })
    expect(json.sentence).toBe(`Inconclusive: run ${names.same} is inconclusive, and so is what follows from it.`)
  })

  it('that are one, or none, are refused with what to give', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run(folder, ['compare', ...args])
      expect([code, stdout]).toEqual([2, ''])
      return stderr
    }
    expect(await refused('base', 'base')).toContain(`${names.base} would be compared with itself`)
    expect(await refused()).toContain('slsart compare <baseline> [run]')
    expect(await refused('nope', 'base')).toContain('there is no run "nope" here')
    expect(await refused('base', 'same', '--effect', 'much')).toContain(
      '--effect must be a whole number from 0 up, found "much"',
    )
  })
})

it(`each had all its ${ARRIVALS} arrivals`, () => {
  for (const name of Object.keys(names)) {
    const ending = JSON.parse(readFileSync(join(folder, name, 'ending.json'), 'utf8')) as { launched: number }
    expect(ending.launched).toBe(ARRIVALS)
  }
})
