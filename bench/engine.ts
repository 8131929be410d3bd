/**
 * What a virtual user and a request cost Artillery's engine: CPU of one worker over 20 s, from its own frames, without the
 * first second. The plan's capacity stands on these figures. Not part of a plain `npm run bench`: name it.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTarget } from '../demo/target.ts'
import { readFrame, readHead } from '../src/measure/frame.ts'
import { framesBySecond } from '../src/run/log.ts'

const SECONDS = 20
const slsart = join(import.meta.dirname, '../bin/slsart.js')

/** CPU milliseconds for each of what the workers counted under `per`. */
async function cost(arrivalRate: number, loop: number, per: 'launched' | 'requests'): Promise<number> {
  const target = await startTarget()
  const get = { get: { url: '/items/1' } }
  const script = {
    config: { target: target.url, phases: [{ duration: SECONDS, arrivalRate }] },
    scenarios: [{ flow: loop === 1 ? [get] : [{ loop: [get], count: loop }] }],
  }
  const folder = mkdtempSync(join(tmpdir(), 'slsart-engine-'))
  writeFileSync(join(folder, 'script.json'), JSON.stringify(script))
  const args = [slsart, 'invoke', '-p', 'script.json', '--local', '--workers', '1', '-q']
  const run = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  await new Promise((resolve) => run.on('close', resolve))
  await target.close()
  const runs = join(folder, '.slsart/runs')
  let cpu = 0
  let counted = 0
  for (const frame of framesBySecond(join(runs, readdirSync(runs)[0] ?? '', 'events.bin'))) {
    const { second, health } = readHead(frame)
    if (second < 1) continue
    cpu += health.cpu
    readFrame(frame, {
      counter(name, value) {
        if (name === per) counted += value
      },
      histogram() {},
    })
  }
  return cpu / 1000 / counted
}

const print = (what: string, ms: number): void => console.log(`${what}: ${ms.toFixed(2)} ms`)
print('a virtual user with one request, 200/s', await cost(200, 1, 'launched'))
print('a virtual user with one request, 400/s', await cost(400, 1, 'launched'))
print('a request in loops of 20, 20 virtual users/s', await cost(20, 20, 'requests'))
print('a request in loops of 100, 5 virtual users/s', await cost(5, 100, 'requests'))
