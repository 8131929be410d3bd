/** Attached runs that are left to the stage with a key, on a real terminal and the stand-in's state machines. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from 'vitest'
import { type Seen, startTarget } from '../../demo/target.ts'
import { type Ended, readReport, run, workFolder } from '../support/cli.ts'
import { runIn } from '../support/runs.ts'
import { openTerminal, type Terminal } from '../support/terminal.ts'
import { counted, invoke, reported, script } from './alone.ts'
import { startDeployed } from './deployed.ts'
import type { Aws } from './standin/start.ts'
import { resourcesOf } from './support.ts'
import { subscribed } from './topic.ts'

const bin = join(import.meta.dirname, '../../bin/slsart.js')

let aws: Aws
let alerts: Awaited<ReturnType<typeof subscribed>>
beforeAll(async () => {
  aws = await startDeployed('--alert', 'team@example.com')
  alerts = await subscribed(aws, (await resourcesOf(aws)).Alerts ?? '')
})
afterAll(async () => {
  alerts.close()
  await aws.close()
})

/** A run's own dashboard, on a terminal. */
function led(text: string, ...more: string[]): { folder: string; screen: Terminal } {
  const folder = workFolder({ 'script.json': text })
  const env = Object.entries(aws.env).map(([key, value]) => `${key}='${value}'`)
  const command = ['env', ...env, `'${process.execPath}'`, `'${bin}'`, ...invoke, ...more]
  return { folder, screen: openTerminal(folder, `${command.join(' ')} >out.txt; echo exit $?; sleep 300`, [120, 40]) }
}
/** Leaves it as soon as its load is on. */
async function leave(screen: Terminal): Promise<void> {
  await screen.shows(/running 0:\d\d of/, 60_000)
  screen.type('d')
  await screen.shows('Leave it to its stage?')
  screen.type('Enter')
  await screen.shows('exit 0', 30_000)
}

test.concurrent('an attached run is left with a key, and loses nothing by that', async ({ expect }) => {
  const own = await startTarget()
  const seen: Seen[] = []
  own.watch((request) => seen.push(request))
  const slsart = { limits: { window: 20, startUp: 8 } }
  const { folder, screen } = led(script(own.url, { phases: [{ duration: 30, arrivalRate: 10 }], slsart }))
  await leave(screen)
  const id = runIn(folder).split('/').at(-1) ?? ''
  expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toContain(`run ${id} goes on by itself on the stage dev`)
  expect(own.total()).toBeLessThan(200)

  const elsewhere = workFolder()
  const cli = (...args: string[]): Promise<Ended> => run(elsewhere, [...args, '--stage', 'dev'], aws.env)
  expect(JSON.parse((await cli('ps', '--json')).stdout).runs).toContainEqual(
    expect.objectContaining({ id, is: 'running', lease: null }),
  )
  const { code, stderr } = await cli('attach', id, '--progress', 'json', '-o', 'report.json')
  expect(code, stderr).toBe(0)
  const report = readReport(elsewhere)
  expect(report.plan.windows.length).toBe(2)
  expect(report.ledger).toMatchObject({ due: 300, launched: 300, completed: 300, lost: 0, balanced: true })
  expect(report.verdict).toMatchObject({ result: 'pass' })
  expect(seen).toHaveLength(300)
  // Where it was begun its record is made whole, by what the command itself had heard and what came later.
  const here = await run(folder, ['report', '-o', 'report.json'], aws.env)
  expect(here.code, here.stderr).toBe(0)
  expect(counted(readReport(folder))).toEqual(counted(report))
  await expect
    .poll(() => alerts.told.filter(({ Message }) => Message.includes(id)), { timeout: 60_000 })
    .toHaveLength(1)
  await own.close()
})

test.concurrent('a run that was left is killed from anywhere', async ({ expect }) => {
  const own = await startTarget()
  const { folder, screen } = led(script(own.url, { phases: [{ duration: 90, arrivalRate: 10 }] }))
  await leave(screen)
  const id = runIn(folder).split('/').at(-1) ?? ''
  const killed = await run(workFolder(), ['kill', id, '--stage', 'dev'], aws.env)
  expect(killed.code, killed.stderr).toBe(0)
  const total = own.total()
  const report = await reported(aws, id)
  expect(own.total()).toBe(total)
  expect(report.exit.all).toContain(20)
  expect(report.ledger).toMatchObject({ due: 900, launched: total, balanced: true })
  await own.close()
})
