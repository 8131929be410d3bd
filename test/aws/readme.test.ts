/** What the README says to type for Lambda, typed: against the stand-in, at a target of this machine. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { readReport, run, workFolder } from '../support/cli.ts'
import { type Aws, startAws } from './standin/start.ts'

const root = join(import.meta.dirname, '../..')
const scenarios = ['scenarios/quickstart.yml', 'scenarios/shoppers.csv']

/** Three seconds do. */
const shorter = JSON.stringify({ config: { phases: [{ duration: 3, arrivalRate: 10 }] } })

let aws: Aws
let target: Target
beforeAll(async () => {
  aws = await startAws()
  target = await startTarget()
})
afterAll(async () => {
  await target.close()
  await aws.close()
})

const commands = (): string[] => {
  const [, block = ''] = /```bash\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  return block.trim().split('\n')
}

test('every command of the README for Lambda does what it says', async () => {
  const folder = workFolder(Object.fromEntries(scenarios.map((path) => [path, readFileSync(join(root, path), 'utf8')])))
  const [first = '', ...rest] = commands()
  expect(first).toBe('export AWS_REGION=eu-west-1')
  expect(rest.map((line) => line.split(' ')[2])).toEqual(['doctor', 'deploy', 'invoke', 'logs', 'remove'])
  const said: string[] = []
  for (const line of rest) {
    const [, , ...args] = line.replace(/https:\S+/, target.url).split(' ')
    const { code, stdout, stderr } = await run(folder, args, {
      ...aws.env,
      AWS_REGION: 'eu-west-1',
      SLSART_OVERRIDES: shorter,
    })
    expect(code, `${line}\n${stdout}${stderr}`).toBe(0)
    said.push(stdout)
  }
  expect(said[1]).toContain('The stage dev is deployed.')
  expect(readReport(folder).ledger).toMatchObject({ due: 30, completed: 30, balanced: true })
  expect(said.at(-1)).toContain('Removed slsart-dev from eu-west-1')
})
