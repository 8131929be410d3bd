/**
 * A disk that is full: that of the run's folder, before the run and in its middle, that of the workers' store, and a worker's /tmp on Lambda. The
 * load goes on or never begins, stops as it is ordered, and what could not be kept is named: no summary claims it.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { LogFile } from '../../src/run/log-file.ts'
import { folderStore } from '../../src/store/folder.ts'
import type { WorkerEvent } from '../../src/wire/events.ts'
import { ordersKey } from '../../src/wire/keys.ts'
import { type Ended, readReport, run, start, workFolder } from '../support/cli.ts'
import { bytesOf, textAt } from '../support/store.ts'
import { order, runWorker, startEvent } from '../support/worker.ts'
import { type Disk, type Ending, smallDisk } from './support/disk.ts'
import { filesFor, looping } from './support/script.ts'
import { now } from './support/trials.ts'
import { startWorld } from './support/world.ts'

const world = startWorld()
const FULL = /ENOSPC: no space left on device.*make room on that disk/

let groups = 0
type Going = {
  group: string
  disk: Disk
  child: ReturnType<typeof start>['child']
  ended: Promise<Ended>
  elsewhere: string
}

const write = (folder: string, files: Record<string, string>): void => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}
const runIn = (folder: string): string => {
  const runs = join(folder, '.slsart/runs')
  return join(runs, readdirSync(runs)[0] ?? '')
}

/** Throws when the run ends before that. */
async function underLoad(group: string, ended: Promise<Ended>): Promise<void> {
  const over = ended.then(({ code, stdout, stderr }) => {
    throw new Error(`the run ended with ${code}:\n${stderr}\n${stdout}`)
  })
  await Promise.race([world.target.under(group, 20), over])
  over.catch(() => {})
}

/** A run whose folder is on a small disk, and whose report.json is elsewhere. Resolves under load. */
async function going(onTestFinished: Ending): Promise<Going> {
  const [group, disk, elsewhere] = [`full-${groups++}`, smallDisk(onTestFinished), workFolder()]
  write(disk.folder, filesFor(world.target.urlOf(group), { duration: 120, rate: 25, flow: looping }))
  const output = join(elsewhere, 'report.json')
  const args = ['invoke', '-p', 'script.json', '--local', '--workers', '2', '--seed', '7', '-o', output]
  const { child, ended } = start(disk.folder, [...args, '-q'])
  await underLoad(group, ended)
  return { group, disk, child, ended, elsewhere }
}

test.concurrent('full before the run: refused, with the folder and what mends it, and nothing is sent', async ({
  expect,
  onTestFinished,
}) => {
  const disk = smallDisk(onTestFinished)
  write(disk.folder, filesFor(world.target.urlOf('before'), { duration: 1, rate: 20 }))
  disk.fill()
  const { code, stderr } = await run(disk.folder, ['invoke', '-p', 'script.json', '--local', '-q'])
  expect(stderr).toContain(`cannot write the run's folder ${disk.folder}/.slsart/runs/`)
  expect(stderr).toMatch(FULL)
  expect(stderr).toContain('No request was sent')
  expect(code).toBe(3)
  expect((await world.target.summary('before')).count).toBe(0)
})

/** Prints more than a pipe holds. */
const CHATTER = `export const chatter = (context, events, done) => { console.log('x'.repeat(20_000)); done() }`

test.concurrent('full in the middle: the load goes to its end, and the summary says what it has not kept', async ({
  expect,
  onTestFinished,
}) => {
  const flow = [{ function: 'chatter' }, { get: { url: '/once' } }]
  const group = `full-${groups++}`
  const [disk, elsewhere] = [smallDisk(onTestFinished), workFolder()]
  const files = filesFor(world.target.urlOf(group), { duration: 6, rate: 40, flow })
  const script = JSON.parse(files['script.json'] ?? '')
  script.config.processor = './chatter.mjs'
  write(disk.folder, { ...files, 'script.json': JSON.stringify(script), 'chatter.mjs': CHATTER })
  const outputs = ['-o', join(elsewhere, 'report.json'), '-o', 'here.json']
  const { ended } = start(disk.folder, ['invoke', '-p', 'script.json', '--local', '--workers', '4', '-q', ...outputs])
  await underLoad(group, ended)
  disk.fill()
  const { code, stdout, stderr } = await ended
  const report = readReport(elsewhere)
  expect(report.ledger).toMatchObject({ due: 240, launched: 240, completed: 240, lost: 0, balanced: true })
  expect((await world.target.summary(group)).count).toBe(240)
  expect(report.verdict.result).toBe('inconclusive')
  expect(report.verdict.reasons).toMatchObject([{ kind: 'record', message: expect.stringMatching(FULL) }])
  expect(stdout).toContain(`cannot write ${runIn(disk.folder)}/events.bin`)
  expect(report.exit.code).toBe(12)
  // What was asked for by name is not there, nor half of it.
  expect(stderr).toMatch(/here\.json cannot be written: ENOSPC/)
  expect(existsSync(join(disk.folder, 'here.json'))).toBe(false)
  expect(code).toBe(1)
  disk.clear()
  const again = await run(disk.folder, ['report', '-o', join(elsewhere, 'again.json')])
  expect(again.stdout).toContain('verdict    inconclusive')
  expect(again.stdout).toContain('The record ends')
})

const interrupt = async ({ child }: Going): Promise<void> => void child.kill('SIGINT')
const kill = async ({ disk }: Going): Promise<void> => {
  const { code, stdout, stderr } = await run(disk.folder, ['kill'])
  expect(code, stdout + stderr).toBe(0)
}

test.concurrent.for([
  ['^C', 130, interrupt],
  ['slsart kill', 20, kill],
] as const)('full in the middle: %s ends the load within 5 s', async ([, exit, stop], { expect, onTestFinished }) => {
  const of = await going(onTestFinished)
  of.disk.fill()
  const at = now()
  await stop(of)
  const { code, stderr } = await of.ended
  const { last, count } = await world.target.summary(of.group)
  expect((last ?? 0) - at).toBeLessThan(5_000)
  const report = readReport(of.elsewhere)
  expect(code, stderr).toBe(exit)
  expect(report.ledger.balanced).toBe(true)
  expect(report.totals.requests).toBeLessThanOrEqual(count)
})

test.concurrent('orders that cannot be written at all: who cannot be told to stop is ended', async ({
  expect,
  onTestFinished,
}) => {
  const of = await going(onTestFinished)
  const orders = join(runIn(of.disk.folder), ordersKey)
  renameSync(orders, `${orders}.moved`)
  mkdirSync(join(orders, 'in the way'), { recursive: true })
  const at = now()
  of.child.kill('SIGINT')
  const { code } = await of.ended
  expect(((await world.target.summary(of.group)).last ?? 0) - at).toBeLessThan(5_000)
  expect(code).toBe(130)
  expect(readReport(of.elsewhere).ledger.balanced).toBe(true)
})

test.concurrent('a log whose disk becomes full while more is gathered is closed, and says why', async ({
  expect,
  onTestFinished,
}) => {
  const { folder, fill } = smallDisk(onTestFinished)
  const log = new LogFile(join(folder, 'events.bin'))
  const add = (): void => log.append(0, () => {}, new Uint8Array(100_000))
  add()
  await vi.waitUntil(() => log.written === 100_000)
  fill()
  add()
  add()
  await vi.waitUntil(() => log.problem !== null)
  // The moment that a gathering waits for has come, too.
  await new Promise((resolve) => setTimeout(resolve, 100))
  await log.close()
  expect(log.problem?.message).toMatch(/^ENOSPC/)
})

/** Such as the orders that renew the lease. */
test.concurrent('a store whose disk is full takes a document in the place of the one before it', async ({
  expect,
  onTestFinished,
}) => {
  const disk = smallDisk(onTestFinished)
  const store = folderStore(disk.folder)
  await store.put(ordersKey, bytesOf('{"version":1}'))
  disk.fill()
  for (const text of ['{"version":2,"stop":"drain"}', '{"version":3}', `{"version":4,"of":"${'x'.repeat(2_000)}"}`]) {
    await store.put(ordersKey, bytesOf(text))
    expect(await textAt(store, ordersKey)).toBe(text)
  }
  await expect(store.put(ordersKey, bytesOf('x'.repeat(5_000)))).rejects.toThrow(FULL)
  expect(await textAt(store, ordersKey)).toContain('{"version":4')
  await expect(store.put('none', bytesOf('x'))).rejects.toThrow(`cannot write ${disk.folder}/none: ENOSPC`)
  await expect(store.putIfAbsent('claims/0-1', bytesOf('x'))).rejects.toThrow(FULL)
  expect(await store.list('claims/')).toEqual([])
})

test.concurrent('a worker that cannot take its claim says where, and sends nothing', async ({
  expect,
  onTestFinished,
}) => {
  const { folder, fill } = smallDisk(onTestFinished)
  await order(folder, { t0: Date.now(), lease: Date.now(), stop: null })
  fill()
  const events = await runWorker(startEvent(folder, world.target.urlOf('claim'), { duration: 1, arrivals: 5 }))
  const message = expect.stringMatching(`^cannot write ${folder}/claims/0-1: ENOSPC`)
  expect(events).toEqual([{ type: 'fault', code: 'worker', message, at: null }])
  expect((await world.target.summary('claim')).count).toBe(0)
})

test.concurrent('a worker that cannot keep its raw samples says so, and sends all of its load', async ({
  expect,
  onTestFinished,
}) => {
  const { folder, fill } = smallDisk(onTestFinished)
  await order(folder, { t0: null, lease: Date.now(), stop: null })
  const load = startEvent(folder, world.target.urlOf('samples'), { duration: 2, arrivals: 20 })
  let filled = Promise.resolve()
  const events = await runWorker({ ...load, rawSamples: true }, ({ type }) => {
    if (type !== 'ready') return
    filled = order(folder, { t0: Date.now() + 300, lease: Date.now(), stop: null }).then(fill)
  })
  await filled
  const unkept = events.filter((event): event is WorkerEvent & { type: 'unkept' } => event.type === 'unkept')
  expect(unkept).toHaveLength(1)
  expect(unkept[0]?.message).toContain(
    `raw samples of worker 0: cannot write ${dirname(join(folder, 'samples/0-1/x'))}/`,
  )
  expect(events.at(-1)).toMatchObject({ type: 'done', ledger: { launched: 20, completed: 20 } })
})

test('on Lambda with a full /tmp: data is used without being kept there, code that needs a file is refused', async ({
  onTestFinished,
}) => {
  const disk = smallDisk(onTestFinished)
  disk.fill()
  world.aws.lambda.variables.TMPDIR = disk.folder
  await world.aws.lambda.kill()
  try {
    const files = filesFor(world.target.urlOf('tmp'), { duration: 1, rate: 20 })
    const folder = workFolder({ ...files, 'code.mjs': CHATTER })
    const args = ['invoke', '-p', 'script.json', '--workers', '1', '--yes', '-q', '-o', 'report.json']
    const ended = await run(folder, args, world.aws.env)
    expect(ended.code, ended.stdout + ended.stderr).toBe(0)
    expect((await world.target.summary('tmp')).count).toBe(20)
    const more = ['--overrides', JSON.stringify({ config: { processor: './code.mjs' } })]
    const refused = await run(folder, [...args, ...more], world.aws.env)
    expect(refused.stderr).toContain(`cannot write ${disk.folder}/slsart/parts/`)
    expect(refused.stderr).toContain("what travels with a script must fit into a worker's /tmp of 512 MB")
    expect(refused.code).toBe(3)
    expect((await world.target.summary('tmp')).count).toBe(20)
  } finally {
    delete world.aws.lambda.variables.TMPDIR
    await world.aws.lambda.kill()
  }
})
