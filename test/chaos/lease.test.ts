/**
 * A conductor that is killed, frozen or cut off from the network cannot renew its workers' lease: the load ends when that runs out, seen at
 * the target. Whoever comes back finds the load over, says so, keeps the record and begins nothing again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LEASE_LIFETIME } from '../../src/wire/orders.ts'
import { run } from '../support/cli.ts'
import { type Network, startNetwork } from './support/network.ts'
import { type Fleet, type Going, going, local } from './support/runs.ts'
import { note, now, TRIALS, table } from './support/trials.ts'
import { startWorld } from './support/world.ts'

const world = startWorld(() => console.log(table('From the loss of the conductor to the last request at the target')))
const { lambda } = world

/** Workers look at their lease each second, and the last renewal was some time before the loss. */
const WITHIN = LEASE_LIFETIME + 2_000
/** When nothing is sent any more, whatever the conductor does. */
const OVER = LEASE_LIFETIME + 5_000

type Way = {
  name: string
  fleet: Fleet
  lose(run: Going, network: Network): void
  /** null: it does not come back, and the record is made again from what there is. */
  comeBack: ((run: Going, network: Network) => void) | null
}
const send =
  (signal: NodeJS.Signals) =>
  ({ running }: Going): void =>
    void running.child?.kill(signal)

const ways: readonly Way[] = [
  { name: 'frozen, and thawed', fleet: local, lose: send('SIGSTOP'), comeBack: send('SIGCONT') },
  { name: 'frozen, and thawed, on Lambda', fleet: lambda, lose: send('SIGSTOP'), comeBack: send('SIGCONT') },
  {
    ...{ name: 'cut off from the network, and back, on Lambda', fleet: lambda },
    lose: (_, network) => network.cut(),
    comeBack: (_, network) => network.mend(),
  },
  { name: 'killed', fleet: local, lose: send('SIGKILL'), comeBack: null },
  { name: 'killed, on Lambda', fleet: lambda, lose: send('SIGKILL'), comeBack: null },
]

async function trial(
  { name, fleet, lose, comeBack }: Way,
  workers: number,
  onTestFinished: (end: () => void) => void,
): Promise<void> {
  // The conductor alone is behind it; the workers are not.
  const network = await startNetwork(world.aws.url)
  onTestFinished(() => network.close())
  const env = fleet.name === 'lambda' ? { ...fleet.env, AWS_ENDPOINT_URL: network.url } : {}
  const of = await going(world.target, { fleet: { ...fleet, env }, workers, load: { rate: 5 } })
  // Batches of the first seconds are not what this is about.
  await sleep(1_000)
  const lost = now()
  lose(of, network)
  await sleep(OVER)
  const over = await world.target.summary(of.group)
  const late = (over.last ?? 0) - lost
  note({ way: name, workers, last_ms: late, typed_ms: late })
  expect(late, name).toBeLessThan(WITHIN)
  comeBack?.(of, network)
  const { code, stdout, stderr } = await of.running.ended
  if (comeBack === null) return rebuilt(of, over.count)
  expect(code, stderr.slice(-2_000)).toBe(20)
  const { verdict, ledger, totals } = of.report()
  expect(verdict.result).toBe('inconclusive')
  expect(stdout).toContain('which no command led any longer')
  expect(ledger.balanced).toBe(true)
  await sleep(1_000)
  expect((await world.target.summary(of.group)).count).toBe(over.count)
  expect(totals.requests).toBe(over.count)
}

/** By `report`, from the frames on disk and in the bucket. */
async function rebuilt({ folder, fleet, report }: Going, count: number): Promise<void> {
  const { code, stdout, stderr } = await run(folder, ['report', '-o', 'report.json'], fleet.env)
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('ledger')
  const { verdict, ledger, totals } = report()
  expect(verdict.result).toBe('inconclusive')
  expect(ledger.balanced).toBe(true)
  // On this machine the workers end with their conductor, and what they sent in its last second is in no frame.
  if (fleet.name === 'lambda') expect(totals.requests).toBe(count)
  else expect(totals.requests).toBeGreaterThan(0)
}

const chosen =
  TRIALS === null ? ways : Array.from({ length: Math.ceil(0.3 * TRIALS) }, (_, i) => ways[i % ways.length] as Way)
// All at the same time: mostly they wait.
for (const [i, way] of chosen.entries()) {
  test.concurrent(`${way.name} (${i + 1})`, ({ onTestFinished }) => trial(way, 2, onTestFinished))
}
