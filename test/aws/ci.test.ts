/** Acceptance and monitoring on the deployed stage, and the example workflow's own commands, as its runner runs and cancels them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { parse } from 'yaml'
import { startTarget, type Target } from '../../demo/target.ts'
import { type Ended, readReport, run, workFolder } from '../support/cli.ts'
import { startDeployed } from './deployed.ts'
import type { Aws } from './standin/start.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startDeployed('--stage', 'load')
})
afterAll(() => aws.close())

const project = join(import.meta.dirname, '../..')
type Step = { name?: string; run?: string }
const workflow = parse(readFileSync(join(project, 'docs/examples/github-actions.yml'), 'utf8')) as {
  jobs: { load: { steps: Step[] } }
}
const commandOf = (name: string): string =>
  workflow.jobs.load.steps.find((step) => step.name === name)?.run ?? `no step ${name}`

const script = (target: string): string => `config:
  target: ${target}
  phases: [{ duration: 60, arrivalRate: 20 }]
  plugins: { expect: {} }
  slsart: { workers: 2, monitoring: { size: 2, averagePause: 0.1, errorBudget: 1 } }
scenarios:
  - { name: item, flow: [{ get: { url: /items/1, expect: { statusCode: 200 } } }] }
  - { name: own, weight: 0.001, flow: [{ get: { url: /account, expect: { statusCode: 401 } } }] }
`

/** As a project that has installed slsart. */
function checkedOut(text: string): string {
  const folder = workFolder({ 'load/checkout.yml': text })
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  symlinkSync(join(project, 'bin/slsart.js'), join(folder, 'node_modules/.bin/slsart'))
  return folder
}

/** A step of a job: GitHub's runner writes the commands to a file, and gives that to a shell. */
function step(folder: string, commands: string): { shell: ChildProcess; ended: Promise<Ended> } {
  writeFileSync(join(folder, 'step.sh'), commands)
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`
  const env = { ...process.env, ...aws.env, PATH, CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: '' }
  const shell = spawn('bash', ['-e', 'step.sh'], { cwd: folder, env })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    shell[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  }
  return { shell, ended: once(shell, 'close').then(([code]) => ({ code: code as number | null, ...said })) }
}

/** When the last request came, by the target's own clock. */
function watched(target: Target): { since(from: number): number; begun: Promise<void> } {
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  let [last, seen] = [0, 0]
  target.watch(({ at }) => {
    last = at
    if (++seen === 30) resolve()
  })
  return { since: (from) => last - from, begun }
}
const clock = (): number => performance.timeOrigin + performance.now()

test.concurrent('acceptance and monitoring on the deployed stage decide by exit code 15, and say so as JUnit', async ({
  expect,
}) => {
  const target = await startTarget()
  const folder = checkedOut(script(target.url))
  const accepted = await step(folder, commandOf('Acceptance')).ended
  expect(accepted.code, accepted.stdout + accepted.stderr).toBe(0)
  expect(readFileSync(join(folder, 'acceptance.xml'), 'utf8')).toContain('tests="3" failures="0" errors="0"')
  expect(Object.fromEntries(target.counts)).toEqual({ 'GET /items/1': 1, 'GET /account': 1 })

  writeFileSync(join(folder, 'load/checkout.yml'), script(target.url).replace('401', '200'))
  const failed = await step(folder, commandOf('Acceptance')).ended
  expect(failed.code, failed.stdout + failed.stderr).toBe(15)
  expect(readFileSync(join(folder, 'acceptance.xml'), 'utf8')).toContain('statusCode: expected 200, got 401')
  expect(failed.stderr).toContain('::error title=slsart: fail::1 step of 2 failed, in own.')

  const round = ['monitor', '-p', 'load/checkout.yml', '--stage', 'load', '-q', '-o', 'report.json']
  const spent = await run(folder, round, aws.env)
  expect(spent.code, spent.stdout + spent.stderr).toBe(15)
  expect(readReport(folder)).toMatchObject({
    run: { fleet: 'lambda' },
    monitoring: { samples: 4, failed: 2, errors: 2, spent: true },
    exit: { code: 15, all: [15] },
  })
  // The store has all of it.
  const id = readReport(folder).run.id
  const elsewhere = workFolder()
  const fetched = await run(elsewhere, ['report', id, '--stage', 'load', '-o', 'report.json'], aws.env)
  expect(fetched.code, fetched.stderr).toBe(0)
  expect(readReport(elsewhere)).toMatchObject({ monitoring: { errors: 2, spent: true }, exit: { code: 15 } })
  await target.close()
})

test.concurrent('a job that is cancelled ends its load: SIGINT reaches slsart, which sums up before SIGTERM would come', async ({
  expect,
}) => {
  const target = await startTarget()
  const { since, begun } = watched(target)
  const folder = checkedOut(script(target.url))
  const { shell, ended } = step(folder, commandOf('Load'))
  await begun
  shell.kill('SIGINT')
  const cancelled = clock()
  const { code, stdout, stderr } = await ended
  expect(clock() - cancelled).toBeLessThan(7_500)
  expect(code, stdout + stderr).toBe(130)
  expect(since(cancelled)).toBeLessThan(5_000)
  for (const file of ['load.xml', 'load.html']) expect(existsSync(join(folder, file))).toBe(true)
  expect((await step(folder, commandOf('End the load')).ended).stdout).toContain('there is nothing to stop')
  await target.close()
})

test.concurrent('without `exec` it is killed unasked; then the step for that ends the load', async ({ expect }) => {
  const target = await startTarget()
  const { since, begun } = watched(target)
  const folder = checkedOut(script(target.url))
  const { shell } = step(folder, `${commandOf('Load').replace('exec ', '')}\necho done`)
  await begun
  const children = readFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`, 'utf8').trim().split(' ').map(Number)
  const gone = once(shell, 'exit')
  // All in one: what the runner waits for in between does not come.
  shell.kill('SIGINT')
  shell.kill('SIGTERM')
  for (const pid of children) process.kill(pid, 'SIGKILL')
  await gone
  const killed = clock()
  const stopped = await step(folder, commandOf('End the load')).ended
  expect(stopped.code, stopped.stdout + stopped.stderr).toBe(0)
  expect(stopped.stdout).toMatch(/the load of run \S+ has ended[\s\S]*Its command has not said so/)
  expect(since(killed)).toBeLessThan(8_000)
  expect(readFileSync(join(folder, 'load.xml'), 'utf8')).toBe('')
  await target.close()
})
