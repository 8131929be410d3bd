/** What the commands and the worker really ask of AWS, held against the policies that they are given. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { ciPolicy, operatorPolicy, type Policy, workerPolicy } from '../../src/stack/policies.ts'
import { run, start, workFolder } from '../support/cli.ts'
import { isAllowed } from '../support/iam.ts'
import { type Aws, startAws } from './standin/start.ts'
import { ACCOUNT, type Call, startWitness, type Witness } from './witness.ts'

const region = 'eu-west-1'
const place = { partition: 'aws', account: ACCOUNT, region }

let aws: Aws
let witness: Witness
let target: Target
beforeAll(async () => {
  aws = await startAws({ region })
  target = await startTarget()
  witness = await startWitness(aws)
  aws.lambda.variables = { AWS_ENDPOINT_URL_S3: witness.url }
})
afterAll(async () => {
  witness.close()
  await target.close()
  await aws.close()
})

const folder = workFolder()
/** What commands asked for. They must succeed. */
async function asked(...commands: string[][]): Promise<Call[]> {
  witness.calls.length = 0
  for (const command of commands) {
    const ended = await run(folder, command, witness.env)
    expect(ended.code, ended.stderr).toBe(0)
  }
  return [...witness.calls]
}

const refused = (policies: readonly Policy[], calls: readonly Call[]): readonly Call[] =>
  calls.filter((call) => !isAllowed(policies, call))
const actionsOf = (calls: readonly Call[]): string[] => [...new Set(calls.map(({ action }) => action))].toSorted()

test('deploy, ls and remove, invoke and logs, and the worker ask for nothing that their policies do not allow', async () => {
  const script = {
    config: { target: target.url, phases: [{ duration: 1, arrivalRate: 5 }] },
    scenarios: [{ flow: [{ get: { url: '/items' } }] }],
  }
  writeFileSync(join(folder, 'shop.json'), JSON.stringify(script))
  const made = await asked(['deploy'], ['deploy'], ['deploy', '--monitor', 'shop.json'])
  const ran = await asked(
    ['invoke', '-q', '--data', JSON.stringify(script)],
    ['invoke', '-q', '--ephemeral', '--data', JSON.stringify(script)],
    ['logs'],
    ['report'],
  )
  const long = { ...script, config: { ...script.config, phases: [{ duration: 60, arrivalRate: 5 }] } }
  const going = start(folder, ['invoke', '--progress', 'json', '--data', JSON.stringify(long)], witness.env)
  await going.stderrHas('"at":1')
  ran.push(...(await asked(['ps', '--stage', 'dev'], ['steer', '--pause'], ['kill'])))
  expect((await going.ended).code).toBe(20)
  const looked = await asked(['doctor'])
  const changed = await asked(
    ...['1024', '2048', '3008'].map((memory) => ['deploy', '--memory', memory]),
    ['ls'],
    ['remove', '--yes'],
  )
  const ours = aws.env.AWS_ACCESS_KEY_ID
  const operator = [...made, ...changed]
  const [runner, worker] = [ran.filter(({ key }) => key === ours), ran.filter(({ key }) => key !== ours)]

  const [operates, runs] = [operatorPolicy(place, null), ciPolicy(place)]
  expect(refused([operates], operator)).toEqual([])
  expect(refused([runs], runner)).toEqual([])
  // It looks for what `remove` would find as well.
  expect(refused([operates, runs], looked)).toEqual([])
  const bucket = /^arn:aws:s3:::[^/]+/.exec(worker.find(({ action }) => action === 's3:PutObject')?.resource ?? '')?.[0]
  const own = { streams: 'none', bucket: bucket ?? '', runs: `${bucket}/runs/*`, function: null }
  expect(refused([workerPolicy(own)], worker)).toEqual([])

  // They were seen at all.
  expect(actionsOf(operator)).toEqual(
    expect.arrayContaining([
      ...['cloudformation:ExecuteChangeSet', 'lambda:PublishVersion', 'lambda:DeleteFunction', 'iam:ListRoles'],
      ...['logs:DescribeLogGroups', 's3:DeleteObjectVersion', 's3:ListAllMyBuckets'],
    ]),
  )
  expect(actionsOf(runner)).toEqual(
    expect.arrayContaining([
      'lambda:InvokeFunction',
      'lambda:GetAccountSettings',
      'logs:FilterLogEvents',
      's3:PutObject',
    ]),
  )
  expect(actionsOf(worker)).toEqual(expect.arrayContaining(['s3:GetObject', 's3:PutObject']))
})
