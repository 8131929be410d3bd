/** `slsart ps`: the runs that go on now, of this folder and of a stage. */
import { type ExitCode, oneLine } from '../../errors.ts'
import { unlistedText } from '../../report/going.ts'
import { underwayJson, underwayText } from '../../report/underway.ts'
import { hasLapsed, look } from '../../run/kill.ts'
import { pastRuns, type RunHead } from '../../run/record.ts'
import { type Underway, underway } from '../../run/underway.ts'
import { documentIn } from '../../store/documents.ts'
import { isRunId } from '../../store/runs.ts'
import type { Store } from '../../store/store.ts'
import { headKey, ordersKey } from '../../wire/keys.ts'
import type { Orders } from '../../wire/orders.ts'
import type { World } from '../../world.ts'
import { placeIn } from '../going.ts'
import type { Args } from '../main.ts'
import { type RunStore, storeOf } from '../runs.ts'
import { type Bucket, ofStage } from '../stage.ts'
import { openRunStore } from '../store.ts'

/** Runs of a bucket that are asked for at the same time. */
const AT_ONCE = 32

export async function ps(args: Args, world: World): Promise<ExitCode> {
  const ofBucket = ofStage(args, world, (store, bucket) => inBucket(store, bucket, world))
  const found = await Promise.all([ofFolder(args, world), ofBucket.then((runs) => runs ?? [])])
  const runs = new Map(found.flat().map((run) => [run.head.id, run]))
  const newest = [...runs.values()].toSorted((a, b) => b.head.launchedAt - a.head.launchedAt)
  const now = world.clock.wall()
  world.stdout.write(args.json ? `${JSON.stringify(underwayJson(newest, now), null, 2)}\n` : underwayText(newest, now))
  return 0
}

async function ofFolder(args: Args, world: World): Promise<Underway[]> {
  const open = (await pastRuns(world.cwd)).filter(({ ending }) => ending === null)
  const found = await Promise.all(
    open.map(({ head }) =>
      inFolder(head, args, world).catch((error: unknown) => {
        world.stderr.write(`slsart: ${unlistedText.run(head.id, oneLine(error))}\n`)
        return null
      }),
    ),
  )
  return found.filter((run) => run !== null)
}

async function inFolder(head: RunHead, args: Args, world: World): Promise<Underway | null> {
  const run = await storeOf(head.id, args, world)
  return going(run, head, world).finally(() => run.store.close())
}

async function inBucket(store: Store, bucket: Bucket, world: World): Promise<Underway[]> {
  const ids = (await store.folders('')).filter(isRunId)
  const found: Underway[] = []
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const some = await Promise.all(ids.slice(i, i + AT_ONCE).map((id) => inStore(id, { store, bucket }, world)))
    found.push(...some.filter((run) => run !== null))
  }
  return found
}

type Held = { store: Store; bucket: Bucket }

/** One document is read of a run that is over, or whose lease has run out. */
async function inStore(id: string, { store, bucket }: Held, world: World): Promise<Underway | null> {
  const orders = await documentIn<Orders>(store, `${id}/${ordersKey}`)
  if (orders === null || hasLapsed({ orders }, world.clock.wall())) return null
  // One that leaves nothing in the bucket has no head there: whoever leads it knows of it.
  const head = await documentIn<RunHead>(store, `${id}/${headKey}`)
  if (head === null) return null
  const { store: own } = await openRunStore({ ...bucket, id }, world)
  return going({ store: own, isLocal: false }, head, world).finally(() => own.close())
}

async function going(run: Pick<RunStore, 'store' | 'isLocal'>, head: RunHead, world: World): Promise<Underway | null> {
  return underway(head, await look(placeIn(run, world)), world.clock.wall())
}
