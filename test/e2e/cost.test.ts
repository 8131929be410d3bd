/** What a run may cost, as its plan and its reports say it; that it is held: test/chaos/cost.test.ts. */
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { invoke, run, workFolder } from '../support/cli.ts'

const scriptFor = (target: string, slsart: object): object => ({
  config: { target, phases: [{ duration: 2, arrivalRate: 5 }], slsart },
  scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
})
/** A thousandth of a dollar a second. */
const price = { usdPerWorkerHour: 3.6 }

test('a run that stays within its cap says what it cost, by the price of the script', async () => {
  const target = await startTarget()
  const { code, stdout, report } = await invoke(scriptFor(target.url, { price }), {
    workers: 2,
    more: ['--max-cost', '1'],
  })
  expect(code, stdout).toBe(0)
  const { actual, atMost, cap, estimated } = report.costUsd ?? {}
  expect(actual).toBeGreaterThan(0.004)
  expect(actual).toBeCloseTo(atMost ?? 0, 9)
  expect([cap, estimated]).toEqual([1, expect.closeTo(0.011, 9)])
  expect(stdout).toMatch(
    /cost +\$0\.0\d+ for 2 workers billed \d+(\.\d)? s, \$0\.0110 was estimated, \$1\.00 was allowed/,
  )
  await target.close()
})

test('workers that cost nothing are held by any cap, and nothing is said of money', async () => {
  const target = await startTarget()
  const { code, stdout, report } = await invoke(scriptFor(target.url, { maxCost: 0.0001 }), { workers: 1 })
  expect(code, stdout).toBe(0)
  expect(report.costUsd).toBeNull()
  expect(stdout).not.toContain('$')
  await target.close()
})

test('plan says what a cap makes of a load, the flag before the variable before the script', async () => {
  const folder = workFolder({
    'script.json': JSON.stringify(scriptFor('http://127.0.0.1:1', { price, maxCost: 0.03 })),
  })
  const args = ['plan', '-p', 'script.json', '--workers', '2', '--region', 'eu-west-1']
  const planned = async (more: string[] = [], env = {}): Promise<unknown> =>
    (JSON.parse((await run(folder, [...args, '--json', ...more], env)).stdout) as { maxCost: unknown }).maxCost
  const needs = { least: expect.closeTo(0.018, 5), enough: expect.closeTo(0.021, 9) }
  expect(await planned()).toEqual({ usd: 0.03, ...needs, refused: null })
  expect(await planned([], { SLSART_MAX_COST: '0.02' })).toEqual({ usd: 0.02, ...needs, refused: null })
  expect(await planned(['--max-cost', '.01'], { SLSART_MAX_COST: '0.02' })).toEqual({
    ...{ usd: 0.01, ...needs },
    refused: 'this load costs $0.0181 at the least, and --max-cost is 0.01',
  })
  const said = async (cap: string): Promise<string> => (await run(folder, [...args, '--max-cost', cap])).stdout
  expect(await said('1')).toContain('--max-cost 1 lets it come to its end.')
  expect(await said('0.02')).toContain('--max-cost 0.02 may end it early: $0.0210 would surely do.')
  expect(await said('0.01')).toContain(
    'Would be refused: this load costs $0.0181 at the least, and --max-cost is 0.01.',
  )
})
