/**
 * Stop means stop: in every way there is, the last request reaches the target within 5 s of the order, within 2 s when it was to be at once;
 * summary and record are there, and nothing comes afterwards. Measured at the target, from before the order is given.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Aws, startAws } from '../aws/standin/start.ts'
import { run, start, workFolder } from '../support/cli.ts'
import { type Fleet, type Going, going, isOrderedToStop, local, type Wish } from './support/runs.ts'
import { type CountingTarget, startCountingTarget } from './support/target.ts'
import { moment, note, now, TRIALS, table } from './support/trials.ts'

let target: CountingTarget
let aws: Aws
const lambda: Fleet = { name: 'lambda', env: {} }
beforeAll(async () => {
  target = await startCountingTarget()
  aws = await startAws()
  Object.assign(lambda.env, aws.env)
  const deployed = await run(workFolder(), ['deploy'], aws.env)
  expect(deployed.code, deployed.stderr).toBe(0)
})
afterAll(async () => {
  console.log(table('From the order to the last request at the target'))
  await target.close()
  await aws.close()
})

const DRAIN = 5_000
const NOW = 2_000

type Way = {
  name: string
  fleet: Fleet
  within: number
  exits: readonly number[]
  wish?: Partial<Wish>
  /** Gives the order, and resolves with when that was. */
  stop(run: Going): Promise<number>
  /** How the conductor comes to its end when the load has; null: it does by itself. */
  finish?(run: Going): Promise<void>
}

/** From the command on, or with `--now` from the order on; the command says that it saw the end, and that is so. */
async function killed({ fleet }: Going, folder: string, ...args: string[]): Promise<number> {
  const typed = now()
  const going = start(folder, ['kill', ...args], fleet.env)
  const given = new Promise<number>((resolve) => going.child.stdout?.once('data', () => resolve(now())))
  const { code, stdout, stderr } = await going.ended
  expect(code, stdout + stderr).toBe(0)
  expect(stdout).toMatch(/has ended/)
  return args.includes('--now') ? given : typed
}

function signalled({ running }: Going, signal: NodeJS.Signals): number {
  const at = now()
  running.child.kill(signal)
  return at
}

async function twice(of: Going): Promise<number> {
  signalled(of, 'SIGINT')
  await sleep(100) // a person's second press
  return signalled(of, 'SIGINT')
}

async function frozen(of: Going): Promise<number> {
  of.running.child.kill('SIGSTOP')
  return killed(of, of.folder)
}
const thaw = async ({ running }: Going): Promise<void> => void running.child.kill('SIGCONT')

/** When the conductor has seen the threshold broken. */
async function tripped(of: Going): Promise<number> {
  await target.fail(of.group, true)
  return moment(() => isOrderedToStop(of), 20_000)
}
const failing = { thresholds: [{ expression: 'status.500 / requests < 0.5', span: 2, abortOnFail: true }] }

const ways: readonly Way[] = [
  { name: 'kill, from another process', fleet: local, within: DRAIN, exits: [20], stop: (of) => killed(of, of.folder) },
  { name: 'kill --now', fleet: local, within: NOW, exits: [20], stop: (of) => killed(of, of.folder, of.id, '--now') },
  { name: 'kill, while the conductor is frozen', fleet: local, within: DRAIN, exits: [20], stop: frozen, finish: thaw },
  { name: '^C', fleet: local, within: DRAIN, exits: [130], stop: async (of) => signalled(of, 'SIGINT') },
  { name: '^C twice', fleet: local, within: NOW, exits: [130], stop: twice },
  { name: 'SIGTERM', fleet: local, within: DRAIN, exits: [143], stop: async (of) => signalled(of, 'SIGTERM') },
  { name: 'SIGHUP', fleet: local, within: DRAIN, exits: [143], stop: async (of) => signalled(of, 'SIGHUP') },
  {
    name: 'a threshold that aborts',
    fleet: local,
    within: DRAIN,
    exits: [11],
    wish: { load: { slsart: failing } },
    stop: tripped,
  },
  { name: 'kill, on Lambda', fleet: lambda, within: DRAIN, exits: [20], stop: (of) => killed(of, of.folder) },
  {
    ...{ name: 'kill --now, on Lambda, from another folder', fleet: lambda, within: NOW, exits: [20] },
    stop: (of) => killed(of, workFolder(), of.id, '--now', '--stage', 'dev'),
  },
  {
    ...{ name: 'kill, on Lambda, of a run that leaves nothing', fleet: lambda, within: DRAIN, exits: [20] },
    wish: { more: ['--ephemeral'] },
    stop: (of) => killed(of, workFolder(), of.id, '--stage', 'dev'),
  },
  { name: '^C, on Lambda', fleet: lambda, within: DRAIN, exits: [130], stop: async (of) => signalled(of, 'SIGINT') },
  { name: '^C twice, on Lambda', fleet: lambda, within: NOW, exits: [130], stop: twice },
  {
    name: 'SIGTERM, on Lambda',
    fleet: lambda,
    within: DRAIN,
    exits: [143],
    stop: async (of) => signalled(of, 'SIGTERM'),
  },
]

/** How long after everything has ended nothing more comes. */
const QUIET = 1_000

async function trial({ name, fleet, within, exits, wish, stop, finish }: Way, workers: number): Promise<void> {
  const of = await going(target, { fleet, workers, ...wish })
  const ordered = await stop(of)
  await finish?.(of)
  const { code, stdout, stderr } = await of.running.ended
  expect(exits, stderr.slice(-2_000)).toContain(code)
  await sleep(QUIET)
  const { count, last } = await target.summary(of.group)
  const late = (last ?? 0) - ordered
  note({ way: name, workers, last_ms: late })
  expect(late, name).toBeLessThan(within)
  const { ledger, totals } = of.report()
  expect(stdout).toContain('ledger')
  expect(ledger.balanced).toBe(true)
  // Who was ended at once has not told of its last second.
  if (within === DRAIN) expect(totals.requests).toBe(count)
}

const FEW = 2
const MANY = 50

async function trials(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const way = ways[i % ways.length] as Way
    await trial(way, MANY).catch((cause) => {
      throw new Error(`trial ${i + 1}, ${way.name}`, { cause })
    })
    console.log(`trial ${i + 1} of ${count}: ${way.name}`)
  }
}

if (TRIALS === null) {
  test.concurrent.each(ways)('$name', (way) => trial(way, FEW))
  test.each([ways[0], ways[3]])('$name, with 50 workers', (way) => trial(way as Way, MANY))
} else {
  test(`${TRIALS} trials with ${MANY} workers`, () => trials(TRIALS as number))
}
