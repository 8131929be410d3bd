/** What workers on this machine logged. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { run, workFolder } from '../support/cli.ts'

let folder: string
beforeAll(async () => {
  const target = await startTarget()
  const hooks = `module.exports = {
    greet(context, events, done) {
      console.log('hello from', context.scenario?.name ?? 'a virtual user')
      try { null.nothing } catch (error) { console.error(error.stack) }
      done()
    },
  }`
  folder = workFolder({
    'hooks.cjs': hooks,
    'script.json': JSON.stringify({
      config: { target: target.url, phases: [{ duration: 1, arrivalCount: 4 }], processor: './hooks.cjs' },
      before: { flow: [{ log: 'before all' }] },
      scenarios: [{ name: 'a', beforeScenario: 'greet', flow: [{ log: 'step one' }, { get: { url: '/items/1' } }] }],
    }),
  })
  const { code, stderr } = await run(folder, ['invoke', '-p', 'script.json', '--local', '--workers', '2', '-q'])
  expect(code, stderr).toBe(0)
  await target.close()
})

test("are printed worker by worker, with the virtual users' steps and stack traces", async () => {
  const { code, stdout, stderr } = await run(folder, ['logs'])
  expect([code, stderr]).toEqual([0, ''])
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toBe('before  before all')
  expect(lines.filter((line) => line.endsWith('  step one'))).toHaveLength(4)
  expect(stdout).toMatch(/^worker 0 {2}TypeError: Cannot read properties of null/m)
  expect(stdout).toMatch(/^worker 0 {2} {4}at .*hooks\.cjs:4/m)
  const whose = lines.map((line) => line.split('  ')[0])
  expect(whose).toEqual([...whose].toSorted())
})

test('of one worker, of a hook, and of nobody', async () => {
  const of = async (worker: string): Promise<string[]> => {
    const { stdout, stderr } = await run(folder, ['logs', '--worker', worker])
    return [...new Set(stdout.split('\n').map((line) => line.split('  ')[0] ?? '')), stderr].filter(
      (part) => part !== '',
    )
  }
  expect(await of('1')).toEqual(['worker 1'])
  expect(await of('before')).toEqual(['before'])
  expect(await of('7')).toEqual(['slsart: no worker of this run has logged anything\n'])
  const { code, stderr } = await run(folder, ['logs', '--worker', 'all'])
  expect([code, stderr]).toEqual([
    2,
    'slsart: --worker must be the number of a worker, "before" or "after", found "all"\n',
  ])
})

test('long ones are not kept in memory', async () => {
  const [id = ''] = readdirSync(join(folder, '.slsart/runs'))
  writeFileSync(join(folder, '.slsart/runs', id, 'logs/worker-9.log'), `${'x'.repeat(99)}\n`.repeat(600_000))
  const { code, stdout, stderr } = await run(folder, ['logs', '--worker', '9'], {
    NODE_OPTIONS: '--max-old-space-size=48',
  })
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.length).toBe(600_000 * (100 + 'worker 9  '.length))
})
