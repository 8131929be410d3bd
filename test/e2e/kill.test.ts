/** `slsart kill` as a user types it: which run it means, what it says, and how it exits. What it stops, and when, is in test/chaos. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { readReport, run, start, workFolder } from '../support/cli.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.close())

const folderWith = (duration: number): string =>
  workFolder({
    'script.json': JSON.stringify({
      config: { target: target.url, phases: [{ duration, arrivalRate: 10 }] },
      scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
    }),
  })
const args = ['invoke', '-p', 'script.json', '--local', '--workers', '1', '-o', 'report.json', '--progress', 'json']

test('it stops the newest run that goes on, and one that is over has nothing to stop', async () => {
  const folder = folderWith(30)
  const going = start(folder, args)
  await going.stderrHas('"at":1')
  const killed = await run(folder, ['stop'])
  expect(killed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/is told to stop: [\s\S]* has ended, \d\.\d s after/),
  })
  expect((await going.ended).code).toBe(20)
  expect(readReport(folder)).toMatchObject({ verdict: { result: 'inconclusive' }, exit: { all: [20, 12] } })
  expect(readReport(folder).verdict.reasons[0]?.message).toBe('The run was stopped from elsewhere before its end.')
  const again = await run(folder, ['kill'])
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('is over: there is nothing to stop') })
})

test('a run that is not there is a usage error, and so is a folder without any', async () => {
  const folder = folderWith(1)
  expect(await run(folder, ['kill'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no run here'),
  })
  expect(await run(folder, ['kill', '20261120-221530-1a2b3c'])).toMatchObject({ code: 2 })
})

test('a run whose conductor was killed, and its workers with it, is seen to have ended', async () => {
  const folder = folderWith(30)
  const going = start(folder, args)
  await going.stderrHas('"at":1')
  going.child.kill('SIGKILL')
  await going.ended
  const { code, stdout } = await run(folder, ['kill'])
  expect(code, stdout).toBe(0)
  expect(stdout).toMatch(/the load of run \S+ has ended.*1 worker did/)
})
