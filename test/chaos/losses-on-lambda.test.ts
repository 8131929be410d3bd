/** The same on Lambda: what dies there, or stands still, and comes back when another has its slice. */
import { expect, test } from 'vitest'
import { holds, trial, WORKERS } from './support/losses.ts'
import { startWorld } from './support/world.ts'

const world = startWorld()
const { lambda } = world

test('a worker on Lambda whose process dies is replaced, and nothing is launched twice', async () => {
  const ended = await trial(
    world.target,
    lambda,
    [{ signal: 'SIGKILL', victim: 1, from: 'load', after: 2_500, thawsAfter: null }],
    18,
  )
  await holds(world.target, ended)
  expect(ended.report.workers).toMatchObject({ replaced: 1, lost: 0, reported: WORKERS })
  expect(ended.report.verdict).toMatchObject({ result: 'pass', trust: 'degraded' })
})

test('a worker on Lambda that stands still is given up, and when it thaws it sends nothing of its successor', async () => {
  const ended = await trial(
    world.target,
    lambda,
    [{ signal: 'SIGSTOP', victim: 1, from: 'load', after: 2_000, thawsAfter: 7_000 }],
    18,
  )
  await holds(world.target, ended)
  expect(ended.report.workers).toMatchObject({ replaced: 1, lost: 0, reported: WORKERS })
})
