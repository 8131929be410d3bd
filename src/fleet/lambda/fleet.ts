/**
 * Workers on Lambda: each is one invocation, and its response stream brings what it measures. The store is the run's prefix in the
 * bucket; orders go through it, and so does what a stream could not bring.
 */
import { setFlagsFromString } from 'node:v8'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { fleetNotes } from '../../aws-errors.ts'
import type { CredentialsOf } from '../../store/credentials.ts'
import { documentBytes } from '../../store/documents.ts'
import type { Store } from '../../store/store.ts'
import type { Millis, Seconds } from '../../units.ts'
import { ordersKey } from '../../wire/keys.ts'
import type { Orders } from '../../wire/orders.ts'
import type { StorePlace } from '../../wire/start.ts'
import { isTask } from '../../wire/task.ts'
import type { World } from '../../world.ts'
import type { Platform, TaskFleet } from '../fleet.ts'
import { WorkerPool } from '../pool.ts'
import { Gate } from './gate.ts'
import { openApi } from './invoke.ts'
import { limitsOf } from './limits.ts'
import { MOST_PAYLOAD } from './payload.ts'
import { signer } from './signing.ts'
import { type Around, BATCHES_ALONE, RemoteWorker } from './worker.ts'

const BATCHES: Seconds = 30
/** More than this in each of a thousand events would take longer to send than to fetch from the bucket. */
const INLINE_BYTES = 32 * 1024
/** As long as the plan gives workers to start (plan/windows). */
const START_DEADLINE: Millis = 30_000
/** The order must get to the bucket, and from there. */
const HEADSTART: Millis = 1_250
/** Connections that are being opened at a time, and those of them that are begun in one turn: each takes a millisecond (bench/streams). */
const OPENING = 100
const OPENING_A_TURN = 10
/** No worker lives longer. Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits */
const LONGEST_LIFE: Millis = 900_000
/** For the worker's last batch, its plugins' ends and the clocks' differences. */
const GRACE: Millis = 20_000
const LOOK: Millis = 1_000

export type LambdaFleetOptions = {
  world: World
  store: Store
  place: StorePlace
  platform: Platform
  /** Which of the function's published versions. */
  version: string
  credentials: CredentialsOf
  /** Nothing of the run is to be left in the store, so workers write no batches, and a stream that is cut is lost. */
  ephemeral: boolean
  /** The folder of the workers' logs; made when there is the first. */
  logs: string
  /** Is told, once, what is unusual about the region. */
  note(text: string): void
}

export type LambdaFleet = TaskFleet & { platform: Platform }

export function lambdaFleet(options: LambdaFleetOptions): LambdaFleet {
  // What streams bring lives for a moment. V8 would take ever more room for that: 100 MB at 1,000 streams, for no less work (bench/streams).
  setFlagsFromString('--semi-space-growth-factor=1')
  const { world, store, place, platform, ephemeral } = options
  const client = lambdaClient(options)
  const { api, around, ordered } = shared(options, client)
  const watch = watching(world)
  const pool = new WorkerPool((start, say) => {
    const worker = new RemoteWorker(start, around, say)
    const gone = worker.run().finally(watch(worker))
    return { gone, drop: () => worker.drop(), leave: () => worker.leave() }
  })
  return {
    name: 'lambda',
    ...{
      platform,
      store,
      place,
      inlineBytes: INLINE_BYTES,
      mostStartBytes: MOST_PAYLOAD,
      startDeadline: START_DEADLINE,
      headstart: HEADSTART,
    },
    get batches() {
      if (ephemeral) return null
      return around.streams ? BATCHES : BATCHES_ALONE
    },
    limits: () => limitsOf(client, platform.function, platform.region),
    launch: (starts) => pool.launch(starts),
    launchTasks: (starts, atOnce) => pool.launch(starts, atOnce),
    order(orders) {
      ordered(orders)
      return store.put(ordersKey, documentBytes(orders))
    },
    drop: (worker) => pool.drop(worker),
    dropAll: () => pool.dropAll(),
    async close() {
      api.agent.destroy()
      client.destroy()
      // Its lifecycle removes it too, later.
      if (ephemeral) await store.clear('').catch((error: Error) => options.note(fleetNotes.notCleared(error.message)))
      store.close()
    },
  }
}

/** Has each worker that it is given looked at every second, until the function that it returns is called. */
function watching({ clock }: World): (worker: RemoteWorker) => () => void {
  const watched = new Set<RemoteWorker>()
  let stop = (): void => {}
  const look = (): void => {
    // After this process stood still, what has come meanwhile is read first.
    setImmediate(() => {
      for (const worker of watched) worker.look(clock.wall())
    })
  }
  return (worker) => {
    if (watched.size === 0) stop = clock.every(LOOK, look)
    watched.add(worker)
    return () => {
      watched.delete(worker)
      if (watched.size === 0) stop()
    }
  }
}

/** What the environment names is asked instead of AWS. */
function lambdaClient({ world, platform: { region }, credentials }: LambdaFleetOptions): LambdaClient {
  const endpoint = world.env.AWS_ENDPOINT_URL_LAMBDA || world.env.AWS_ENDPOINT_URL
  return new LambdaClient({ region, credentials, ...(endpoint ? { endpoint } : {}) })
}

function shared(
  options: LambdaFleetOptions,
  client: LambdaClient,
): {
  api: Around['api']
  around: Around
  ordered(orders: Orders): void
} {
  const { world, store, platform, version, credentials, logs, note } = options
  const { function: name, region } = platform
  const endpoint = world.env.AWS_ENDPOINT_URL_LAMBDA || world.env.AWS_ENDPOINT_URL
  const { url } = client.config.endpointProvider({ Region: region, ...(endpoint ? { Endpoint: endpoint } : {}) })
  const api = openApi(url, signer(credentials, region))
  let orders: Orders | null = null
  let stoppedAt: Millis | null = null
  const around: Around = {
    ...{ world, store, api, logs, patience: START_DEADLINE, gate: new Gate(OPENING, OPENING_A_TURN), streams: true },
    asked: { function: name, version, region },
    missStreams() {
      if (around.streams) note(fleetNotes.noStreams(region))
      around.streams = false
    },
    // A task has nothing to say while it is at work.
    workingFrom: (start) => (isTask(start) || orders?.t0 == null ? null : orders.t0 + start.slice.window.from * 1000),
    until(start, launchedAt) {
      const lifeEnds = launchedAt + LONGEST_LIFE + GRACE
      if (stoppedAt !== null) return Math.min(lifeEnds, stoppedAt + GRACE)
      if (isTask(start)) return lifeEnds
      const { slice, drain } = start
      // A load that is steered may end later than it was planned to.
      if (orders?.t0 == null || drain === null || orders.epochs.length > 0) return lifeEnds
      return Math.min(lifeEnds, orders.t0 + (slice.window.to + drain) * 1000 + GRACE)
    },
  }
  return {
    ...{ api, around },
    ordered(next) {
      orders = next
      if (next.stop !== null) stoppedAt ??= world.clock.wall()
    },
  }
}
