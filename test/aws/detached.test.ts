/** Runs that nobody conducts, in the hands of moto's state machines, which start the deployed function behind the stand-in. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Seen, startTarget, type Target } from '../../demo/target.ts'
import { type Ended, type Report, readReport, run, start, workFolder } from '../support/cli.ts'
import { runIn } from '../support/runs.ts'
import { openTerminal } from '../support/terminal.ts'
import { counted, invoke, reported, script } from './alone.ts'
import { startDeployed } from './deployed.ts'
import type { Aws } from './standin/start.ts'
import { resourcesOf } from './support.ts'
import { subscribed } from './topic.ts'

const bin = join(import.meta.dirname, '../../bin/slsart.js')

let aws: Aws
let target: Target
let alerts: Awaited<ReturnType<typeof subscribed>>
beforeAll(async () => {
  aws = await startDeployed('--alert', 'team@example.com')
  alerts = await subscribed(aws, (await resourcesOf(aws)).Alerts ?? '')
})
beforeAll(async () => {
  target = await startTarget()
})
afterAll(async () => {
  alerts.close()
  await target.close()
  await aws.close()
})

type Left = { folder: string; id: string; seen: Seen[] }

/** Begun and left alone. */
async function left(text: string, own: Target, ...more: string[]): Promise<Left> {
  const seen: Seen[] = []
  own.watch((request) => seen.push(request))
  const folder = workFolder({ 'script.json': text })
  const { code, stdout, stderr } = await run(folder, [...invoke, '--detach', '-q', ...more], aws.env)
  expect(code, stderr).toBe(0)
  const id = /^run (\S+) goes on by itself/.exec(stdout)?.[1] ?? expect.fail(stdout)
  return { folder, id, seen }
}

const paths = (seen: readonly Seen[]): string[] => seen.map(({ path }) => path).toSorted()

test.concurrent('window after window it does what an attached run does, and its report is there for everybody', async ({
  expect,
}) => {
  const own = await startTarget()
  const phases = [{ duration: 12, arrivalRate: 5, rampTo: 20 }]
  const text = script(own.url, { phases, slsart: { limits: { window: 7, startUp: 12 } } })
  const { id, seen, folder: begun } = await left(text, own)
  const report = await reported(aws, id)
  expect(report.plan.windows.length).toBe(2)
  expect(report.verdict).toMatchObject({ result: 'pass' })
  expect(report.ledger).toMatchObject({ due: 150, launched: 150, completed: 150, balanced: true })
  expect(seen).toHaveLength(150)

  const folder = workFolder({ 'script.json': script(target.url, { phases }) })
  const attached: Seen[] = []
  target.watch((request) => attached.push(request))
  const ended = await run(folder, [...invoke, '-q', '-o', 'report.json'], aws.env)
  expect(ended.code, ended.stderr).toBe(0)
  expect(counted(report)).toEqual(counted(readReport(folder)))
  expect(paths(seen)).toEqual(paths(attached))
  // To the byte, whoever asks: but for what CloudWatch has counted by then.
  const uncounted = (of: Report): object => ({ ...of, platform: null })
  expect(uncounted(await reported(aws, id))).toEqual(uncounted(report))

  // A machine that knows neither of them lists both, with what came of them.
  const elsewhere = workFolder({ 'slsart.config.yml': 'stage: dev' })
  const cli = (...args: string[]): Promise<Ended> => run(elsewhere, args, aws.env)
  const others = JSON.parse((await cli('history', '--json')).stdout) as { runs: { id: string }[] }
  const [name = ''] = runIn(folder).split('/').slice(-1)
  for (const one of [id, name]) {
    expect(others.runs.find((listed) => listed.id === one)).toMatchObject({
      ...{ record: 'bucket', script: expect.stringContaining('script.json'), arrivals: 150 },
      ending: { verdict: 'pass', exit: 0, launched: 150 },
    })
  }
  expect((await cli('history')).stdout).toMatch(new RegExp(`^${name} .* 150 +pass +0 +150 .* bucket$`, 'm'))
  // Where it was begun, it ended too.
  expect((await run(begun, ['history', '--stage', 'dev'], aws.env)).stdout).toMatch(
    new RegExp(`^${id} .* pass .* here$`, 'm'),
  )

  // Each is played again there, and compared with.
  const env = Object.entries(aws.env).map(([key, value]) => `${key}='${value}'`)
  const screen = openTerminal(
    elsewhere,
    `env ${env.join(' ')} '${process.execPath}' '${bin}' replay ${id} --speed 20`,
    [120, 40],
  )
  await screen.shows(/■ 3 ok/, 30_000)
  const short = script(own.url, { phases: [{ duration: 1, arrivalRate: 5 }] })
  const compared = await cli('invoke', '--local', '-q', '--baseline', name, '-o', 'report.json', '--data', short)
  expect(compared.code, compared.stderr).toBe(0)
  expect(readReport(elsewhere)).toMatchObject({ baseline: { id: name } })
  // Begun alone and begun with a command, of the same seed: nothing is worse, or too little of it to say.
  const answer = await run(workFolder({ 'slsart.config.yml': 'stage: dev' }), ['compare', id, name, '--json'], aws.env)
  expect(JSON.parse(answer.stdout), answer.stderr).toMatchObject({ baseline: id, run: name, inconclusive: [] })

  // Who was named at the deployment is told once.
  const mine = (): typeof alerts.told => alerts.told.filter(({ Message }) => Message.includes(id))
  await expect.poll(mine, { timeout: 10_000 }).toHaveLength(1)
  const [{ Subject = '', Message = '' } = {}] = mine()
  expect(Subject).toBe('slsart: script.json (dev, us-east-1): pass, exit 0')
  expect(Message).toContain('150 of 150 virtual users launched, 0 lost; 150 requests, 0 failed; response p99 ')
  expect(Message).toContain(`slsart report ${id} --stage dev --region us-east-1`)
  await own.close()
})

test.concurrent('it is killed from anywhere', async ({ expect }) => {
  const own = await startTarget()
  const { id, seen } = await left(script(own.url, { phases: [{ duration: 60, arrivalRate: 10 }] }), own)
  await expect.poll(() => own.total(), { timeout: 30_000, interval: 50 }).toBeGreaterThan(10)
  const asked = Date.now()
  const killed = await run(workFolder(), ['kill', id, '--stage', 'dev'], aws.env)
  expect(killed.code, killed.stderr).toBe(0)
  const report = await reported(aws, id)
  expect(Math.max(...seen.map(({ at }) => at)) - asked).toBeLessThan(6_000)
  expect(report.exit.all).toContain(20)
  expect(report.ledger).toMatchObject({ due: 600, launched: seen.length, balanced: true })
  await own.close()
})

test.concurrent('it is joined and steered by who finds it, and ends for him as for everybody', async ({ expect }) => {
  const own = await startTarget()
  const { id, seen } = await left(script(own.url, { phases: [{ duration: 15, arrivalRate: 10 }] }), own)
  const folder = workFolder()
  const attach = ['attach', id, '--stage', 'dev', '--progress', 'json', '-o', 'report.json']
  const joined = start(folder, attach, aws.env)
  await expect.poll(() => own.total(), { timeout: 30_000, interval: 50 }).toBeGreaterThan(10)
  const steer = (...args: string[]): Promise<Ended> =>
    run(workFolder(), ['steer', id, ...args, '--stage', 'dev'], aws.env)
  const paused = await steer('--pause')
  expect(paused.stdout, paused.stderr).toMatch(/paused, from second/)
  const resumed = await steer('--resume')
  expect(resumed.stdout, resumed.stderr).toMatch(/from second/)
  const { code, stderr } = await joined.ended
  expect(code, stderr).toBe(0)
  expect(stderr).toMatch(/"stage":"running"/)
  const report = readReport(folder)
  expect(report.ledger).toMatchObject({ due: 150, launched: 150, completed: 150, lost: 0, balanced: true })
  expect(report.epochs).toMatchObject([{ kind: 'pause' }, { kind: 'resume' }])
  expect(seen).toHaveLength(150)
  const [from = 0, to = 0] = report.epochs.map(({ at }) => at)
  const t0 = Date.parse(report.run.startedAt)
  // One that was due before the pause may have been on its way.
  expect(seen.filter(({ at }) => at > t0 + from * 1000 + 500 && at < t0 + to * 1000 - 50)).toEqual([])
  const uncounted = (of: Report): object => ({ ...of, platform: null })
  expect(uncounted(await reported(aws, id))).toEqual(uncounted(report))
  await own.close()
})

test('what needs a command that stays is refused before anything begins', async () => {
  const refused = async (text: string, ...more: string[]): Promise<[number | null, string]> => {
    const { code, stderr } = await run(workFolder({ 'script.json': text }), [...invoke, '--detach', ...more], aws.env)
    return [code, stderr]
  }
  const plain = script(target.url, { phases: [{ duration: 5, arrivalRate: 5 }] })
  expect(await refused(plain, '--local')).toEqual([2, expect.stringContaining('--local needs a command that stays')])
  expect(await refused(plain, '-o', 'x.json')).toEqual([2, expect.stringContaining('--output needs')])
  expect(await refused(plain, '--ephemeral')).toEqual([2, expect.stringContaining('--ephemeral leaves nothing')])
  const aborts = { thresholds: [{ expression: 'p99 < 1', abortOnFail: true }] }
  const watched = script(target.url, { phases: [{ duration: 5, arrivalRate: 5 }], slsart: aborts })
  expect(await refused(watched)).toEqual([3, expect.stringContaining('`abortOnFail` is looked at by the command')])
  expect(await refused(plain, '--max-cost', '0.001')).toEqual([
    3,
    expect.stringContaining('nobody stays to end a detached run'),
  ])
})
