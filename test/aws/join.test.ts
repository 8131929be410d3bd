/** A run on the deployed stage that others see, join and steer from folders that know nothing of it: by its store alone. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { openClients } from '../../src/stack/clients.ts'
import { bucketOf } from '../../src/stack/deployed.ts'
import { credentialsIn } from '../../src/store/credentials.ts'
import { s3Store } from '../../src/store/s3.ts'
import { steerKey } from '../../src/wire/keys.ts'
import type { SteerRequest } from '../../src/wire/steering.ts'
import { type Ended, readReport, run, start, workFolder } from '../support/cli.ts'
import { runIn } from '../support/runs.ts'
import { startDeployed } from './deployed.ts'
import { type Faults, startFaults } from './standin/faults.ts'
import type { Aws } from './standin/start.ts'

let aws: Aws
let faults: Faults
let target: Target
beforeAll(async () => {
  aws = await startDeployed()
  // The clients that take their settings from the environment.
  Object.assign(process.env, aws.env)
  faults = await startFaults(aws)
  target = await startTarget()
})
afterAll(async () => {
  await target.close()
  faults.close()
  await aws.close()
})

const LATEST = 3_000

/** When the first request to steer a run was put into its store. */
async function firstAskedAt(id: string): Promise<number> {
  const bucket = await bucketOf(await openClients(null, { env: aws.env }), 'dev')
  const region = aws.env.AWS_REGION ?? ''
  const place = { kind: 'bucket', bucket, prefix: `runs/${id}/`, region } as const
  const store = s3Store(place, { env: aws.env, credentials: credentialsIn(aws.env) })
  const request = JSON.parse(new TextDecoder().decode((await store.get(steerKey(1))) ?? undefined)) as SteerRequest
  store.close()
  return request.at
}

test('it is listed, joined, steered within three seconds and in the order of the requests, and ends for all as for its command', async () => {
  const times: number[] = []
  target.watch(({ at }) => times.push(at))
  // Without streams workers write their batches every 2 s instead of every 30.
  faults.noStreaming()
  const here = workFolder({
    'script.json': JSON.stringify({
      config: { target: target.url, phases: [{ name: 'all', duration: 60, arrivalRate: 20 }] },
      scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
    }),
  })
  const args = ['invoke', '-p', 'script.json', '--workers', '2', '-o', 'report.json', '--progress', 'json']
  const going = start(here, args, faults.env)
  await going.stderrHas('"at":3')
  const id = runIn(here).split('/').at(-1) ?? ''
  const elsewhere = workFolder()
  const cli = (...words: string[]): Promise<Ended> => run(elsewhere, [...words, '--stage', 'dev'], aws.env)

  expect(JSON.parse((await cli('ps', '--json')).stdout)).toMatchObject({
    runs: [
      {
        id,
        fleet: 'lambda',
        stage: 'dev',
        is: 'running',
        workers: { planned: 2, atWork: 2 },
        lease: { renewed: true },
      },
    ],
  })
  const joined = start(elsewhere, ['attach', id, '--stage', 'dev', '--progress', 'json', '-o', 'report.json'], aws.env)
  await joined.stderrHas('"stage":"running"')

  const paused = await cli('steer', id, '--pause')
  expect([paused.code, paused.stderr]).toEqual([0, ''])
  await expect.poll(() => Date.now() - (times.at(-1) ?? 0), { interval: 20, timeout: 6_000 }).toBeGreaterThan(400)
  expect((times.at(-1) ?? 0) - (await firstAskedAt(id))).toBeLessThan(LATEST)

  // From several machines at once.
  const wishes = [['--resume'], ['--scale', '2'], ['--scale', '3']]
  const steered = await Promise.all(
    wishes.map((wish) => run(workFolder(), ['steer', id, ...wish, '--stage', 'dev'], aws.env)),
  )
  expect(steered.map(({ code, stderr }) => [code, stderr])).toEqual(wishes.map(() => [0, '']))
  await expect.poll(() => times.filter((at) => at > Date.now() - 1_000).length, { timeout: 10_000 }).toBeGreaterThan(35)
  await cli('steer', id, '--end-phase')

  const { code, stderr } = await going.ended
  expect(code, stderr).toBe(0)
  const ended = await joined.ended
  expect(ended.code, ended.stderr).toBe(0)
  const [ours, theirs] = [readReport(here), readReport(elsewhere)]
  expect(ours.epochs.map(({ kind }) => kind).toSorted()).toEqual(['end-phase', 'pause', 'resume', 'scale', 'scale'])
  expect(ours.ledger).toMatchObject({ balanced: true, lost: 0, unfinished: 0, due: times.length })
  expect([theirs.epochs, theirs.ledger, theirs.totals]).toEqual([ours.epochs, ours.ledger, ours.totals])
  expect(theirs.histograms).toEqual(ours.histograms)
  expect((await cli('ps')).stdout).toBe('No run goes on.\n')
  const late = await run(join(elsewhere), ['steer', id, '--pause', '--stage', 'dev'], aws.env)
  expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('it is over')])
  const over = await run(workFolder(), ['attach', id, '--stage', 'dev', '-q'], aws.env)
  expect([over.code, over.stdout]).toEqual([0, ended.stdout])
})
