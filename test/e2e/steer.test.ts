/** `slsart steer` as a user types it, on a run of another process: what the target sees of it, and when. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import type { SteerRequest } from '../../src/wire/steering.ts'
import { readReport, run, start, workFolder } from '../support/cli.ts'
import { runIn } from '../support/runs.ts'

const phases = [
  { name: 'first', duration: 60, arrivalRate: 20 },
  { name: 'second', duration: 60, arrivalRate: 20 },
]
const folderWith = (target: Target, slsart: object = {}): string =>
  workFolder({
    'script.json': JSON.stringify({
      config: { target: target.url, phases, slsart },
      scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
    }),
  })
const args = ['invoke', '-p', 'script.json', '--local', '--workers', '2', '-o', 'report.json', '--progress', 'json']
const LATEST = 3_000

test.concurrent('the load stands still, goes on, grows and ends within three seconds of each request, and every arrival is sent once', async ({
  expect,
}) => {
  const target = await startTarget()
  const times: number[] = []
  target.watch(({ at }) => times.push(at))
  const folder = folderWith(target)
  const going = start(folder, args)
  await going.stderrHas('"at":2')
  /** When the n-th request was put there. */
  const askedAt = (n: number): number => {
    const text = readFileSync(join(runIn(folder), `steers/00000${n}.json`), 'utf8')
    return (JSON.parse(text) as SteerRequest).at
  }
  const steer = async (...wish: string[]): Promise<number> => {
    const { code, stdout, stderr } = await run(folder, ['steer', ...wish])
    expect([code, stderr]).toEqual([0, ''])
    const [, from] = /, from second (\d+\.\d) of the run on\n$/.exec(stdout) ?? []
    return Number(from)
  }

  const pausedFrom = await steer('--pause')
  const resumedFrom = await steer('--resume')
  expect(resumedFrom).toBeGreaterThan(pausedFrom)
  await steer('--scale', '4')
  await steer('--end-phase')
  await expect.poll(() => times.length, { timeout: 20_000 }).toBeGreaterThan(200)
  await steer('--end-phase')
  const { code, stderr } = await going.ended
  expect(code, stderr).toBe(0)
  await target.close()

  const report = readReport(folder)
  expect(report.epochs.map(({ kind }) => kind)).toEqual(['pause', 'resume', 'scale', 'end-phase', 'end-phase'])
  expect(report.ledger).toMatchObject({ balanced: true, lost: 0, unfinished: 0 })
  expect(times.length).toBe(report.ledger.due)

  const t0 = Date.parse(report.run.startedAt)
  const [pause = 0, resume = 0, scale = 0, , end = 0] = report.epochs.map(({ at }) => t0 + at * 1000)
  // Nobody starts while it stands still; before and after it they do.
  expect(times.filter((at) => at > pause + 100 && at < resume - 1)).toEqual([])
  expect(times.filter((at) => at < pause && at > pause - 500).length).toBeGreaterThanOrEqual(9)
  const lastBefore = times.findLast((at) => at < resume - 1) ?? 0
  const firstAfter = times.find((at) => at >= resume - 1) ?? Number.POSITIVE_INFINITY
  expect(lastBefore - askedAt(1)).toBeLessThan(LATEST)
  expect(firstAfter - askedAt(2)).toBeLessThan(LATEST)
  // 20/s before, 80/s after.
  const inFirst = times.filter((at) => at >= scale && at < scale + 500).length
  expect(inFirst).toBeGreaterThanOrEqual(37)
  expect(inFirst).toBeLessThanOrEqual(43)
  expect(scale - askedAt(3)).toBeLessThan(LATEST)
  expect((times.at(-1) ?? 0) - askedAt(5)).toBeLessThan(LATEST)
  expect(times.filter((at) => at > end + 100)).toEqual([])
})

test.concurrent('what cannot be done is said, and is a usage error; a command that stands still is waited for in vain', async () => {
  const target = await startTarget()
  const folder = folderWith(target)
  const steer = (...wish: string[]) => run(folder, ['steer', ...wish])
  const says = (text: string): object => ({ code: 2, stdout: '', stderr: expect.stringContaining(text) })
  const [none, two, scale, nowhere] = await Promise.all([
    steer(),
    steer('--pause', '--resume'),
    steer('--scale', '11'),
    steer('--pause'),
  ])
  expect(none).toMatchObject(says('One of --scale NUMBER, --pause, --resume and --end-phase.'))
  expect(two).toMatchObject(says('one thing at a time'))
  expect(scale).toMatchObject(says('--scale must be above 0, and 10 at the most, found "11"'))
  expect(nowhere).toMatchObject(says('there is no run here'))

  const going = start(folder, args)
  await going.stderrHas('"at":1')
  expect(await steer('--resume')).toMatchObject(says('is not steered: it is not paused'))
  going.child.kill('SIGSTOP')
  const waited = await steer('--pause')
  going.child.kill('SIGCONT')
  expect(waited).toMatchObject({ code: 12, stdout: '', stderr: expect.stringContaining('nothing was done') })
  expect(await steer('--scale', '2')).toMatchObject({ code: 0, stdout: expect.stringContaining('to 200 % of the') })
  expect((await run(folder, ['kill', '--now'])).code).toBe(0)
  await going.ended
  await target.close()
  // What was taken back was not carried out.
  expect(readReport(folder).epochs.map(({ kind }) => kind)).toEqual(['scale'])
  expect(await steer('--pause')).toMatchObject(says('it is over, or was told to end'))
})

test.concurrent('a load of several windows is not steered', async () => {
  const target = await startTarget()
  const folder = folderWith(target, { limits: { window: 10 } })
  const going = start(folder, args)
  await going.stderrHas('"at":1')
  expect(await run(folder, ['steer', '--pause'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('its workers live shorter than the load'),
  })
  await run(folder, ['kill', '--now'])
  await going.ended
  await target.close()
})
