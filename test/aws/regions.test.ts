/** One run in two regions, each with a stage, a bucket and workers of its own. The target's count is the truth. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { readReport, run, start, workFolder } from '../support/cli.ts'
import { type Aws, startAws } from './standin/start.ts'

const HOME = 'us-east-1'
const AWAY = 'eu-west-1'

let aws: Aws
let target: Target
beforeAll(async () => {
  aws = await startAws()
  target = await startTarget()
  const both = [['deploy'], ['deploy', '--region', AWAY, '--reserved-concurrency', '1']]
  for (const { code, stderr } of await Promise.all(both.map((args) => run(workFolder(), args, aws.env))))
    expect(code, stderr).toBe(0)
})
afterAll(async () => {
  await target.close()
  await aws.close()
})

const folderWith = (phase: object): string =>
  workFolder({
    'hello.mjs': "export const hello = async () => console.log('hello')",
    'script.json': JSON.stringify({
      config: { target: target.url, phases: [phase], processor: './hello.mjs' },
      scenarios: [{ flow: [{ function: 'hello' }, { get: { url: '/items/1' } }] }],
    }),
  })

const args = (...more: string[]): string[] => ['invoke', '-p', 'script.json', '-q', '-o', 'report.json', ...more]
const twoToOne = ['--region', `${HOME}=2`, '--region', AWAY]

/** How many invocations each region has had. */
const invoked = (): Record<string, number> =>
  Object.fromEntries(
    [HOME, AWAY].map((region) => [region, aws.lambda.invocations.filter(({ arn }) => arn.includes(region)).length]),
  )

test('its load is dealt by weight, all of it is accounted for, and its regions add up to the whole', async () => {
  let seen = 0
  target.watch(() => seen++)
  const folder = folderWith({ duration: 2, arrivalRate: 45 })
  const { code, stderr } = await run(folder, args(...twoToOne), aws.env)
  expect(code, stderr).toBe(0)
  expect(invoked()).toEqual({ [HOME]: 2, [AWAY]: 1 })
  const { ledger } = readReport(folder)
  expect(ledger).toMatchObject({ due: 90, launched: 90, completed: 90, balanced: true })
  expect(seen).toBe(90)
  await aws.lambda.logs.sent()
  const logged = await run(folder, ['logs'], aws.env)
  expect(['worker 0', 'worker 1', 'worker 2'].filter((worker) => logged.stdout.includes(worker))).toHaveLength(3)
})

test('a region that cannot start is refused by its name before any request, or its share is dealt to the others', async () => {
  let seen = 0
  target.watch(() => seen++)
  const folder = folderWith({ duration: 1, arrivalRate: 20 })
  const more = args('--workers', '5', ...twoToOne, '--region', 'ap-south-1')
  const before = invoked()
  const refused = await run(folder, more, aws.env)
  expect(refused.code, refused.stderr).toBe(3)
  expect(refused.stderr).toMatch(/^slsart: ap-south-1 cannot start: the stage dev is not deployed in ap-south-1/)
  expect(refused.stderr).toContain('--redeal')
  expect([seen, invoked()]).toEqual([0, before])
  const redealt = await run(folder, [...more, '--redeal'], aws.env)
  expect(redealt.code, redealt.stderr).toBe(0)
  expect(redealt.stderr).toMatch(
    /note: ap-south-1 cannot start.*; eu-west-1 cannot start: its share is 2 workers.*Their shares go to us-east-1/,
  )
  expect(invoked()).toEqual({ ...before, [HOME]: (before[HOME] ?? 0) + 5 })
  expect(readReport(folder).ledger).toMatchObject({ due: 20, completed: 20, balanced: true })
})

test('`kill` from elsewhere ends the load in every region while the command stands still', async () => {
  const folder = folderWith({ duration: 120, arrivalRate: 30 })
  const going = start(folder, [...args(...twoToOne).filter((arg) => arg !== '-q'), '--progress', 'json'], aws.env)
  await going.stderrHas('"at":2')
  going.child.kill('SIGSTOP')
  const [id = ''] = readdirSync(join(folder, '.slsart/runs'))
  // Any of its regions knows the others.
  const killed = await run(workFolder(), ['kill', id, '--stage', 'dev', '--region', AWAY], aws.env)
  expect(killed.code, killed.stderr).toBe(0)
  expect(killed.stdout).toContain('3 workers')
  let late = 0
  target.watch(() => late++)
  going.child.kill('SIGCONT')
  const { code } = await going.ended
  expect([code, late]).toEqual([20, 0])
  expect(readReport(folder).ledger).toMatchObject({ due: 3_600, balanced: true })
})
