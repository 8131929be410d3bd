/** One case through one engine, against a server of its own; what came of it as a flat table, so that two can be laid side by side. */
import { setTimeout } from 'node:timers/promises'
import { format } from 'node:util'
import type { Vu, VuEnd } from '../../../lambda/engines/engine.ts'
import type { engineFor } from '../../../lambda/engines/load.ts'
import { Recorder } from '../../../lambda/recorder.ts'
import { Targets } from '../../../lambda/targets.ts'
import { randomFor } from '../../../lambda/variables.ts'
import { readFrame } from '../../../src/measure/frame.ts'
import { chooseEngines, type EngineName } from '../../../src/scenario/engine.ts'
import type { WorkerScript } from '../../../src/wire/start.ts'
import { type Case, withPort } from './case.ts'
import { processorFor } from './processor.ts'
import { type Asked, FuzzServer } from './server.ts'

/**
 * `table`: requests, ends, counters, numbers of samples, what hooks saw and what was said, each under a name. `crash`: what would have ended
 * the worker. `hung`: virtual users that came to no end.
 */
export type Outcome = { table: Map<string, string>; crash: string | null; hung: number[]; requests: number }

/** A virtual user that has not ended after so long without anything happening never will. Timeouts are a second. */
const QUIET = 1_700
const HEALTH = {
  ...{ span: 0, cpu: 0, loopDelayMax: 0, memoryBytes: 0, inFlight: 0, files: 0, fileLimit: 0, ports: 0, portLimit: 0 },
}

const now = (): number => Math.round(performance.now() * 1000)

/** Where what nobody catches goes while a case runs. */
let crashed: ((error: unknown) => void) | null = null
process.on('uncaughtException', (error) => crashed?.(error))
process.on('unhandledRejection', (error) => crashed?.(error))

/** Why the case is outside what the native engine may run, or null. */
export function outside({ config, scenario }: Case): string | null {
  const [choice] = chooseEngines(
    { target: 'http://127.0.0.1:1', config, extensions: [], scenarios: [{ spec: scenario }] },
    'auto',
    {},
  )
  return choice?.engine === 'native' ? null : JSON.stringify(choice?.reason)
}

export async function runCase(plan: Case, engine: EngineName, engineOf: typeof engineFor): Promise<Outcome> {
  const server = await FuzzServer.open(plan)
  const { port } = server
  const own = filled(plan, port)
  const told: string[][] = []
  const said: string[] = []
  let crash: string | null = null
  crashed = (error) => {
    crash ??= error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
  const { log, random } = { log: console.log, random: Math.random }
  console.log = (...words: unknown[]) => void said.push(format(...words))
  // What neither engine draws from a virtual user's stream.
  Math.random = () => 0.4
  const recorder = new Recorder({ slice: 0, attempt: 1 }, false)
  const targets = new Targets([], { platform: null, others: [] }, () => {})
  const running = engineOf('run', {}, { log: (...words) => void said.push(format(...words)), suggest() {} })
  const ends: (VuEnd | 'hung')[] = []
  try {
    const functions = processorFor((user, what) => {
      told[Number(user)] ??= []
      told[Number(user)]?.push(what)
    })
    const modules = { plugin: new Map(), engine: new Map() }
    const script = scriptOf(own, engine, port)
    const run = await running.load({
      ...{ run: 'run', script, vars: {}, functions, modules, recorder, now, targets, tell: null },
    })
    const one = async (k: number): Promise<void> => {
      const vars = { ...structuredClone(own.variables), k }
      const vu: Vu = { k, phase: 0, due: now(), started: now(), scenario: 0, vars, random: randomFor(own.seed, k) }
      run(vu, (end) => {
        ends[k] ??= end
        server.active = performance.now()
      })
      while (ends[k] === undefined) {
        await setTimeout(1)
        if (crash !== null || performance.now() - server.active > QUIET) ends[k] ??= 'hung'
      }
    }
    const users = Array.from({ length: own.users }, (_, k) => k)
    if (own.together) await Promise.all(users.map(one))
    else {
      for (const k of users) {
        server.user = k
        server.active = performance.now()
        await one(k)
      }
    }
    // What happens after a virtual user's end belongs to it too: a hook called twice, a crash.
    await setTimeout(2)
    await running.close()
  } finally {
    await server.close()
    await setTimeout(0)
    Object.assign(console, { log })
    Math.random = random
  }
  const table = tableOf({ plan, asked: server.asked, ends, told, said, recorder, mask: masker(port) })
  const hung = ends.flatMap((end, k) => (end === 'hung' ? [k] : []))
  return { table, crash, hung, requests: server.asked.flat().length }
}

const filled = (plan: Case, port: number): Case => JSON.parse(withPort(JSON.stringify(plan), port)) as Case

const scriptOf = ({ config, variables, scenario }: Case, engine: EngineName, port: number): WorkerScript => ({
  ...{ target: `http://127.0.0.1:${port}`, variables, config, environment: null, strict: false, warmUp: [], feeds: [] },
  scenarios: [{ name: 'fuzz', weight: 1, spec: scenario, engine }],
  hooks: { before: null, after: null },
  source: { file: '/script.yml', folder: '/', root: '/' },
})

type Mask = (text: string) => string

/** What differs from run to run, wherever it stands. */
const masker =
  (port: number): Mask =>
  (text) =>
    text
      .replaceAll(new RegExp(`(:|%3A)${port}\\b`, 'g'), '$1PORT')
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
      .replaceAll(/-{20,}\w+/g, 'BOUNDARY')
      .replaceAll(/\b00-[0-9a-f]{32}-[0-9a-f]{16}-0\d\b/g, 'TRACE')

function tableOf(of: {
  plan: Case
  asked: Asked[][]
  ends: string[]
  told: string[][]
  said: string[]
  recorder: Recorder
  mask: Mask
}): Map<string, string> {
  const { plan, mask } = of
  const table = new Map<string, string>()
  for (let k = 0; k < plan.users; k++) {
    table.set(`user ${k} end`, of.ends[k] ?? 'none')
    of.asked[k]?.forEach((asked, i) => {
      table.set(`user ${k} request ${i}`, mask(line(asked)))
      if (!plan.together) table.set(`user ${k} connection ${i}`, String(asked.connection))
    })
    of.told[k]?.forEach((what, i) => void table.set(`user ${k} told ${i}`, mask(what)))
  }
  of.said.toSorted().forEach((what, i) => void table.set(`said ${i}`, mask(what)))
  readFrame(of.recorder.cut(0, HEALTH), {
    counter: (name, value) => void table.set(`counter ${mask(name)}`, String(value)),
    histogram: ({ name, count }) => void table.set(`samples ${mask(name)}`, String(count)),
    // Of several virtual users at once, whose it is is a race.
    failure: ({ code, message, endpoint, status }) =>
      void table.set(`failure ${mask(code)}`, mask(plan.together ? message : `${message} ${endpoint} ${status}`)),
  })
  return table
}

function line({ head, body }: Asked): string {
  const [first = '', ...headers] = head.split('\r\n')
  return [first, ...headers.toSorted(), body].join('\n')
}
