/** One run in two regions, each with a stage, a bucket and workers of its own. The target's count is the truth. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { type Seen, startTarget, type Target } from '../../demo/target.ts'
import { readReport, run, start, workFolder } from '../support/cli.ts'
import { type Aws, startAws } from './standin/start.ts'

const HOME = 'us-east-1'
const AWAY = 'eu-west-1'

let aws: Aws
beforeAll(async () => {
  aws = await startAws()
  const both = [['deploy'], ['deploy', '--region', AWAY, '--reserved-concurrency', '2']]
  for (const { code, stderr } of await Promise.all(both.map((args) => run(workFolder(), args, aws.env))))
    expect(code, stderr).toBe(0)
})
afterAll(() => aws.close())

type Asked = { folder: string; target: Target; seen: Seen[] }

/** A target of its own, and a script for it. */
async function asked(phase: object, { onTestFinished }: TestContext): Promise<Asked> {
  const target = await startTarget()
  onTestFinished(() => target.close())
  const seen: Seen[] = []
  target.watch((request) => seen.push(request))
  const folder = workFolder({
    'hello.mjs': "export const hello = async () => console.log('hello')",
    'script.json': JSON.stringify({
      config: { target: target.url, phases: [phase], processor: './hello.mjs' },
      scenarios: [{ flow: [{ function: 'hello' }, { get: { url: '/items/1' } }] }],
    }),
  })
  return { folder, target, seen }
}

const args = (...more: string[]): string[] => ['invoke', '-p', 'script.json', '-o', 'report.json', ...more]
const twoToOne = ['--region', `${HOME}=2`, '--region', AWAY]

/** How many invocations each region has had for this target. */
const invoked = ({ target }: Asked): Record<string, number> => {
  const own = aws.lambda.invocations.filter(({ event }) => event.includes(target.url))
  return Object.fromEntries(
    [HOME, AWAY].map((region) => [region, own.filter(({ arn }) => arn.includes(region)).length]),
  )
}

test('its load is dealt by weight, all of it is accounted for, and its regions add up to the whole', async (context) => {
  const { expect } = context
  const own = await asked({ duration: 2, arrivalRate: 45 }, context)
  const { folder, seen } = own
  const { code, stdout, stderr } = await run(folder, args('-q', ...twoToOne), aws.env)
  expect(code, stderr).toBe(0)
  expect(invoked(own)).toEqual({ [HOME]: 2, [AWAY]: 1 })
  const report = readReport(folder)
  expect(report.ledger).toMatchObject({ due: 90, launched: 90, completed: 90, balanced: true })
  expect(seen).toHaveLength(90)
  expect(report.run).toMatchObject({ regions: [HOME, AWAY] })
  const { regions } = report
  expect(
    regions.map(({ region, weight, workers, ledger }) => [region, weight, workers.planned, ledger.launched]),
  ).toEqual([
    [HOME, 2, 2, 60],
    [AWAY, 1, 1, 30],
  ])
  expect(regions.map(({ requests, latency_ms }) => [requests, latency_ms.response.count])).toEqual([
    [60, 60],
    [30, 30],
  ])
  expect(Math.max(...regions.map(({ latency_ms }) => latency_ms.response.max))).toBe(report.latency_ms.response.max)
  expect(stdout).toMatch(/response ms by region[^\n]*\n *us-east-1 +2 +60 +60 +0 .*\n *eu-west-1 +1 +30 +30 +0 /)
  expect(stdout).toMatch(/cost +\$[\d.]+ for 3 workers billed/)

  // From a folder that knows nothing of it, by the region that is not its home.
  await aws.lambda.logs.sent()
  const elsewhere = workFolder()
  const again = await run(elsewhere, ['report', report.run.id, '--region', AWAY, '-o', 'report.json'], aws.env)
  expect(again.code, again.stderr).toBe(0)
  const theirs = readReport(elsewhere)
  expect([theirs.ledger, theirs.histograms, theirs.regions]).toEqual([report.ledger, report.histograms, regions])
  const logged = (await run(elsewhere, ['logs'], aws.env)).stdout.trimEnd().split('\n')
  expect(logged.filter((line) => line.includes('worker 1  hello'))).toHaveLength(30)
  expect(logged).toHaveLength(90)
  const times = logged.map((line) => line.slice(0, 12))
  expect(times).toEqual(times.toSorted())
})

test('a region that cannot start is refused by its name before any request, or its share is dealt to the others', async (context) => {
  const { expect } = context
  const own = await asked({ duration: 1, arrivalRate: 20 }, context)
  const { folder, seen } = own
  const more = args('--workers', '5', '--region', HOME, '--region', `${AWAY}=2`, '--region', 'ap-south-1')
  const refused = await run(folder, [...more, '-q'], aws.env)
  expect(refused.code, refused.stderr).toBe(3)
  expect(refused.stderr).toMatch(/^slsart: ap-south-1 cannot start: the stage dev is not deployed in ap-south-1/)
  expect(refused.stderr).toContain('--redeal')
  expect([seen, invoked(own)]).toEqual([[], { [HOME]: 0, [AWAY]: 0 }])
  const redealt = await run(folder, [...more, '-q', '--redeal'], aws.env)
  expect(redealt.code, redealt.stderr).toBe(0)
  expect(redealt.stderr).toMatch(
    /note: ap-south-1 cannot start.*; eu-west-1 cannot start: its share is 3 workers.*Their shares go to us-east-1/,
  )
  expect(invoked(own)).toEqual({ [HOME]: 5, [AWAY]: 0 })
  expect(readReport(folder).ledger).toMatchObject({ due: 20, completed: 20, balanced: true })
  expect(readReport(folder).regions.map(({ region }) => region)).toEqual([HOME])
})

test('`kill` from elsewhere ends the load in every region while the command stands still', async (context) => {
  const { expect } = context
  const { folder, seen } = await asked({ duration: 120, arrivalRate: 30 }, context)
  const going = start(folder, args('--progress', 'json', ...twoToOne), aws.env)
  await going.stderrHas('"at":2')
  going.child.kill('SIGSTOP')
  const [id = ''] = readdirSync(join(folder, '.slsart/runs'))
  // Any of its regions knows the others.
  const killed = await run(workFolder(), ['kill', id, '--stage', 'dev', '--region', AWAY], aws.env)
  expect(killed.code, killed.stderr).toBe(0)
  expect(killed.stdout).toContain('3 workers')
  const sent = seen.length
  going.child.kill('SIGCONT')
  const { code } = await going.ended
  expect([code, seen.length]).toEqual([20, sent])
  expect(readReport(folder).ledger).toMatchObject({ due: 3_600, balanced: true })
})
