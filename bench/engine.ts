/**
 * What a virtual user and a request cost an engine: processor time of one worker over 20 s, from its own frames, without the first
 * seconds, in which its code is still being compiled. The plan's capacity stands on these figures. Not part of a plain
 * `npm run bench`: name it, `node bench/engine.ts` or `node bench/engine.ts artillery`.
 */
import { once } from 'node:events'
import { readFrame, readHead } from '../src/measure/frame.ts'
import { framesBySecond } from '../src/run/log.ts'
import { startNginx } from './nginx.ts'
import { GENERATOR_CORE, need, start } from './processes.ts'
import { folderWithScript, invoke, reportIn, runLogIn, scriptOf } from './slsart.ts'

const engine = process.argv[2] ?? 'native'
const SECONDS = 20
const COLD = 3

/** CPU microseconds for each of what the workers counted under `per`. */
async function cost(arrivalRate: number, loop: number, per: 'launched' | 'requests'): Promise<number> {
  const get = { get: { url: '/items/1' } }
  const flow = { steps: loop === 1 ? [get] : [{ loop: [get], count: loop }], requests: loop }
  const phases = [{ duration: SECONDS, arrivalRate }]
  const cwd = folderWithScript(scriptOf({ target: nginx.url, flow, pool: null, phases }))
  const command = invoke({ engine, workers: 1 })
  const [code] = await once(start(GENERATOR_CORE, command, { cwd, stdio: ['ignore', 'ignore', 'inherit'] }), 'close')
  if (code !== 0) console.error(`exit code ${code} at ${arrivalRate}/s: the figure is not to be trusted`)
  reportIn(cwd, engine)
  let cpu = 0
  let counted = 0
  for (const frame of framesBySecond(runLogIn(cwd))) {
    const { second, health } = readHead(frame)
    if (second < COLD) continue
    cpu += health.cpu
    readFrame(frame, {
      counter(name, value) {
        if (name === per) counted += value
      },
      histogram() {},
    })
  }
  return cpu / counted
}

need('nginx', 'openssl')
const nginx = await startNginx()
const times = engine === 'native' ? 10 : 1
const print = (what: string, micros: number): void => console.log(`${what}: ${micros.toFixed(1)} µs`)
for (const rate of [200 * times, 400 * times])
  print(`a virtual user with one request, ${rate}/s`, await cost(rate, 1, 'launched'))
const [twenties, hundreds] = [20 * times, 5 * times]
print(`a request in loops of 20, ${twenties} virtual users/s`, await cost(twenties, 20, 'requests'))
print(`a request in loops of 100, ${hundreds} virtual users/s`, await cost(hundreds, 100, 'requests'))
await nginx.stop()
