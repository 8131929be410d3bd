/** Lambda may begin an invocation late, or twice: for a slice that is finished, or a run that is over, nothing is sent. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { expect, test } from 'vitest'
import type { Start } from '../../src/wire/start.ts'
import { clientOf } from '../aws/support.ts'
import { runWorker } from '../support/worker.ts'
import { going, local } from './support/runs.ts'
import { once } from './support/script.ts'
import { startWorld } from './support/world.ts'

const world = startWorld()
const { lambda } = world

const load = { duration: 3, rate: 20, flow: once }

/** The events of a run's workers, and of others that would be their next attempts. */
const alsoLater = (starts: readonly Start[]): Start[] => [
  ...starts,
  ...starts.map((start) => ({ ...start, attempt: start.attempt + 1 })),
]

test('on Lambda, from its bucket', async () => {
  const of = await going(world.target, { fleet: lambda, workers: 2, load })
  // Late is not what this is about.
  expect([0, 12]).toContain((await of.running.ended).code)
  const before = await world.target.summary(of.group)
  expect(before).toMatchObject({ count: 60, doubled: {} })
  const client = new LambdaClient(clientOf(world.aws))
  const starts = world.aws.lambda.invocations.map(({ event }) => JSON.parse(event.toString()) as Start)
  const FunctionName = world.aws.lambda.invocations[0]?.function
  const again = alsoLater(starts).map((start) => Buffer.from(JSON.stringify(start)))
  await Promise.all(again.map((Payload) => client.send(new InvokeCommand({ FunctionName, Payload }))))
  client.destroy()
  expect(await world.target.summary(of.group)).toEqual(before)
})

test('on this machine, from its folder', async () => {
  const remote = world.aws.lambda.invocations[0]
  const of = await going(world.target, { fleet: local, workers: 2, load })
  // Late is not what this is about.
  expect([0, 12]).toContain((await of.running.ended).code)
  const before = await world.target.summary(of.group)
  expect(before).toMatchObject({ count: 60, doubled: {} })
  // The same script: only the place of the run is another.
  const start = JSON.parse(remote?.event.toString() ?? '') as Start
  const starts = [0, 1].map(
    (index): Start => ({ ...start, run: of.id, index, store: { kind: 'folder', folder: of.store }, batches: null }),
  )
  const said = await Promise.all(alsoLater(starts).map((one) => runWorker(one)))
  expect(said.flat().filter((event) => event.type === 'fault').length).toBeGreaterThan(0)
  expect(said.flat().some((event) => event.type === 'frame')).toBe(false)
  expect(await world.target.summary(of.group)).toEqual(before)
})
