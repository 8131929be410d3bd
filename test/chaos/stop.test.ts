/**
 * Stop means stop: in every way there is, the last request reaches the target within 5 s of the order, within 2 s when it was to be at once;
 * summary and record are there, and nothing comes afterwards. Measured at the target, from before the order is given.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { start, workFolder } from '../support/cli.ts'
import { type Fleet, type Going, going, isOrderedToStop, local, type Wish } from './support/runs.ts'
import { moment, note, now, TRIALS, table } from './support/trials.ts'
import { startWorld } from './support/world.ts'

const world = startWorld(() => console.log(table('From the order to the last request at the target')))
const { lambda } = world

type Order = { at: number; typed: number }
type Way = {
  name: string
  fleet: Fleet
  /** `now` when it is to be at once. */
  how: 'drain' | 'now'
  exit: number
  wish?: Partial<Wish>
  /** Gives the order, and resolves with when that was, and when a person did something for it. */
  stop(run: Going): Promise<Order>
  /** How the conductor comes to its end, when the load has. */
  finish?(run: Going): unknown
  /** Not in CI, since another way, or another suite, is the same there. */
  isRare?: boolean
}

const WITHIN = { drain: 5_000, now: 2_000 }

/** The order is given when the command says so; how long it takes to begin is this machine's. It says that it saw the end, and that is so. */
async function killed({ fleet }: Going, folder: string, ...args: string[]): Promise<Order> {
  const typed = now()
  const going = start(folder, ['kill', ...args], fleet.env)
  const given = new Promise<number>((resolve) => going.child.stdout?.once('data', () => resolve(now())))
  const { code, stdout, stderr } = await going.ended
  expect(code, stdout + stderr).toBe(0)
  expect(stdout).toMatch(/has ended/)
  return { at: await given, typed }
}

const send =
  (signal: NodeJS.Signals) =>
  async ({ running }: Going): Promise<Order> => {
    const at = now()
    running.child?.kill(signal)
    return { at, typed: at }
  }

async function twice(of: Going): Promise<Order> {
  await send('SIGINT')(of)
  await sleep(100) // a person's second press
  return send('SIGINT')(of)
}

async function frozen(of: Going): Promise<Order> {
  await send('SIGSTOP')(of)
  return killed(of, of.folder)
}

async function pressed({ running: { terminal } }: Going): Promise<Order> {
  terminal?.type('x')
  await terminal?.shows('Stop the run?')
  const at = now()
  terminal?.type('Enter')
  return { at, typed: at }
}

/** When the conductor has seen the threshold broken. */
async function tripped(of: Going): Promise<Order> {
  await world.target.fail(of.group, true)
  const at = await moment(() => isOrderedToStop(of), 20_000)
  return { at, typed: at }
}
const failing = { thresholds: [{ expression: 'status.500 / requests < 0.5', span: 2, abortOnFail: true }] }
const messages = [{ loop: [{ send: 'a message' }, { think: 0.4 }], count: 1_000 }]

const ways: readonly Way[] = [
  { name: 'kill, from another process', fleet: local, how: 'drain', exit: 20, stop: (of) => killed(of, of.folder) },
  { name: '^C', fleet: local, how: 'drain', exit: 130, stop: send('SIGINT') },
  { name: 'kill --now', fleet: local, how: 'now', exit: 20, stop: (of) => killed(of, of.folder, of.id, '--now') },
  {
    ...{ name: 'kill, while the conductor is frozen', fleet: local, how: 'drain', exit: 20 },
    ...{ stop: frozen, finish: send('SIGCONT') },
  },
  { name: '^C twice', fleet: local, how: 'now', exit: 130, stop: twice },
  { name: 'SIGTERM', fleet: local, how: 'drain', exit: 143, stop: send('SIGTERM'), isRare: true },
  {
    ...{ name: "SIGHUP, on Artillery's engine", fleet: local, how: 'drain', exit: 143 },
    ...{ wish: { more: ['--engine', 'artillery'] }, stop: send('SIGHUP') },
  },
  {
    ...{ name: 'a threshold that aborts', fleet: local, how: 'drain', exit: 11 },
    ...{ wish: { load: { slsart: failing } }, stop: tripped },
  },
  {
    ...{ name: '^C, over WebSockets', fleet: local, how: 'drain', exit: 130 },
    ...{ wish: { load: { engine: 'ws', flow: messages }, protocol: 'ws' }, stop: send('SIGINT') },
  },
  { name: 'x in the dashboard', fleet: local, how: 'drain', exit: 130, wish: { terminal: true }, stop: pressed },
  { name: 'kill, on Lambda', fleet: lambda, how: 'drain', exit: 20, stop: (of) => killed(of, of.folder) },
  {
    ...{ name: 'kill --now, on Lambda, from another folder', fleet: lambda, how: 'now', exit: 20 },
    stop: (of) => killed(of, workFolder(), of.id, '--now', '--stage', 'dev'),
  },
  {
    ...{ name: 'kill, on Lambda, of a run that leaves nothing', fleet: lambda, how: 'drain', exit: 20 },
    ...{ wish: { more: ['--ephemeral'] }, stop: (of) => killed(of, workFolder(), of.id, '--stage', 'dev') },
  },
  { name: '^C, on Lambda', fleet: lambda, how: 'drain', exit: 130, stop: send('SIGINT'), isRare: true },
  { name: '^C twice, on Lambda', fleet: lambda, how: 'now', exit: 130, stop: twice, isRare: true },
  { name: 'SIGTERM, on Lambda', fleet: lambda, how: 'drain', exit: 143, stop: send('SIGTERM'), isRare: true },
]

/** How long after everything has ended nothing more comes. */
const QUIET = 1_000

async function trial({ name, fleet, how, exit, wish, stop, finish }: Way, workers: number): Promise<void> {
  const of = await going(world.target, { fleet, workers, ...wish })
  const ordered = await stop(of)
  await finish?.(of)
  const { code, stdout, stderr } = await of.running.ended
  expect(code, stderr.slice(-2_000)).toBe(exit)
  await sleep(QUIET)
  const { count, last } = await world.target.summary(of.group)
  const late = (last ?? 0) - ordered.at
  note({ way: name, workers, last_ms: late, typed_ms: (last ?? 0) - ordered.typed })
  expect(late, name).toBeLessThan(WITHIN[how])
  const { ledger, totals } = of.report()
  expect(stdout).toContain('ledger')
  expect(ledger.balanced).toBe(true)
  // Who was ended at once has not told of its last second; messages that nobody waits for are no requests there.
  if (how === 'drain' && wish?.protocol !== 'ws') expect(totals.requests).toBe(count)
}

const FEW = 2
const MANY = 50

async function trials(count: number): Promise<void> {
  const failed: string[] = []
  for (let i = 0; i < count; i++) {
    const way = ways[i % ways.length] as Way
    const became = await trial(way, MANY).then(
      () => 'as it should',
      (cause: Error) => cause.message,
    )
    const said = `trial ${i + 1} of ${count}, ${way.name}: ${became}`
    console.log(said)
    if (became !== 'as it should') failed.push(said)
  }
  expect(failed).toEqual([])
}

const sideBySide = ways.filter(({ isRare, wish }) => isRare !== true && wish?.terminal !== true)

if (TRIALS === null) {
  test.concurrent.each(sideBySide)('$name', (way) => trial(way, FEW))
  test.each(ways.filter(({ wish }) => wish?.terminal === true))('$name', (way) => trial(way, FEW))
  test.each(ways.slice(0, 1))('$name, with 50 workers', (way) => trial(way, MANY))
} else {
  test(`${TRIALS} trials with ${MANY} workers`, () => trials(TRIALS as number))
}
