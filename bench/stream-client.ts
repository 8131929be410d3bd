/**
 * A run of 1,000 workers over bench/stream-server's streams, with the whole conductor, its record and its dashboard; or, for `stock`, the
 * SDK's own client that does nothing with what it hears. Prints what it took. `node stream-client.ts slsart|stock URL FOLDER`
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fleet } from '../src/fleet/fleet.ts'
import { EventDecoder } from '../src/wire/events.ts'
import { startEvent } from '../test/support/worker.ts'
import { LAUNCHED, report, stalls } from './rows.ts'
import { settingOn } from './screen.ts'

const WORKERS = 1_000
const SECONDS = 30
/** After T0 and before the end, which are not the streaming itself. */
const EDGE = 2_000

const [who = '', url = '', folder = ''] = process.argv.slice(2)

const measured = { launch_s: 0, stall_ms: 0, cpu_percent: 0, rss_mb: 0, frames: 0 }
let ready = 0
const from = { at: 0, stalled: (): number => 0 }

function launching(): void {
  from.at = performance.now()
  from.stalled = stalls()
}

function heard(type: string): void {
  if (type === 'frame') measured.frames++
  if (type !== 'ready' || ++ready < WORKERS) return
  measured.launch_s = (performance.now() - from.at) / 1000
  measured.stall_ms = from.stalled()
  setTimeout(() => {
    const [cpu, at] = [process.cpuUsage(), performance.now()]
    setTimeout(
      () => {
        const { user, system } = process.cpuUsage(cpu)
        measured.cpu_percent = (user + system) / 10 / (performance.now() - at)
        // Until now: what is read of the record at the end has nothing to do with streams.
        measured.rss_mb = process.resourceUsage().maxRSS / 1024
      },
      SECONDS * 1000 - 2 * EDGE,
    )
  }, EDGE)
}

async function ours(): Promise<void> {
  const { Dashboard } = await import('../src/dashboard/open.tsx')
  const { lambdaFleet } = await import('../src/fleet/lambda/fleet.ts')
  const { credentialChain } = await import('../src/fleet/lambda/credentials.ts')
  const { conduct } = await import('../src/run/conduct.ts')
  const { readScript } = await import('../src/scenario/read.ts')
  const { ledgerOf } = await import('../src/run/state.ts')
  const { folderStore } = await import('../src/store/folder.ts')
  const { realWorld } = await import('../src/world.ts')
  const world = { ...realWorld(), env: { ...process.env, AWS_ENDPOINT_URL: url } }
  const file = join(folder, 'script.json')
  const phases = [{ duration: SECONDS, arrivalRate: WORKERS * LAUNCHED }]
  const flow = [{ get: { url: '/items' } }]
  writeFileSync(file, JSON.stringify({ config: { target: 'http://127.0.0.1:9', phases }, scenarios: [{ flow }] }))
  const script = await readScript({
    ...{ paths: [file], texts: [], config: null, cwd: folder, env: {}, target: null, environment: null },
    ...{ overrides: null, variables: null, insecure: false, strict: false, outside: false, scenarioName: null },
    engine: 'native',
  })
  const fleet = lambdaFleet({
    ...{ world, store: folderStore(folder), place: { kind: 'folder', folder }, version: '1', ephemeral: false },
    platform: { ...{ stage: 'dev', region: 'us-east-1', function: 'f', bucket: 'b', arch: 'arm64', memoryMb: 1769 } },
    ...{ credentials: credentialChain(world), logs: join(folder, 'logs'), note: console.error },
  })
  const watched: Fleet = {
    ...fleet,
    async *launch(starts) {
      launching()
      for await (const event of fleet.launch(starts)) {
        heard(event.event.type)
        yield event
      }
    },
  }
  const setting = settingOn(world.clock, 'lambda')
  let dashboard: InstanceType<typeof Dashboard> | null = null
  const record = await conduct(
    script,
    {
      ...{
        seed: 1,
        workers: WORKERS,
        workerLifetime: null,
        regions: [],
        maxCost: null,
        price: null,
        id: 'r',
        folder,
        env: {},
      },
      ...{ rawSamples: false, baseline: null, acceptance: false, monitoring: null, allow: [] },
    },
    {
      ...{ fleet: watched, world },
      control(_, state) {
        dashboard = new Dashboard(state, setting)
      },
      observe: (state) => dashboard?.observe(state),
    },
  )
  dashboard = null
  if (!('state' in record)) throw new Error('nobody takes it over')
  const ledger = ledgerOf(record.state)
  if (ledger.completed !== WORKERS * LAUNCHED * SECONDS) throw new Error(`the ledger says ${JSON.stringify(ledger)}`)
}

async function stock(): Promise<void> {
  const { InvokeWithResponseStreamCommand, LambdaClient } = await import('@aws-sdk/client-lambda')
  const client = new LambdaClient({
    ...{ region: 'us-east-1', endpoint: url, maxAttempts: 1, requestHandler: { httpsAgent: { maxSockets: WORKERS } } },
  })
  const orders = (t0: number | null): void => writeFileSync(join(folder, 'orders.json'), JSON.stringify({ t0 }))
  orders(null)
  launching()
  const one = async (index: number): Promise<void> => {
    const start = { ...startEvent(folder, 'http://127.0.0.1:9', { duration: SECONDS, arrivals: 1 }), index }
    const Payload = JSON.stringify(start)
    const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'f', Payload }))
    const decoder = new EventDecoder()
    for await (const { PayloadChunk } of EventStream ?? []) {
      for (const { type } of decoder.push(PayloadChunk?.Payload ?? new Uint8Array())) {
        heard(type)
        if (type === 'ready' && ready === WORKERS) orders(Date.now())
      }
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, (_, i) => one(i)))
}

await (who === 'stock' ? stock() : ours())
if (measured.frames !== WORKERS * SECONDS) throw new Error(`${measured.frames} frames`)
report(measured)
process.exit()
