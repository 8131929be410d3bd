/**
 * Worker memory over ten minutes at 200 virtual users a second (two workers): resident size at the end of each minute,
 * as the workers' own frames tell it. Not part of a plain `npm run bench`: name it.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTarget } from '../demo/target.ts'
import { readHead } from '../src/measure/frame.ts'
import { framesBySecond } from '../src/run/log.ts'

const MINUTES = Number(process.argv[2] ?? 10)
const target = await startTarget()
const folder = mkdtempSync(join(tmpdir(), 'slsart-memory-'))
const script = {
  config: { target: target.url, phases: [{ duration: MINUTES * 60, arrivalRate: 200 }] },
  scenarios: [{ flow: [{ get: { url: '/items/1', capture: { json: '$.name', as: 'name' } } }] }],
}
writeFileSync(join(folder, 'script.json'), JSON.stringify(script))
const slsart = join(import.meta.dirname, '../bin/slsart.js')
const args = [slsart, 'invoke', '-p', 'script.json', '--local', '--workers', '2', '-q']
const run = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
await new Promise((resolve) => run.on('close', resolve))
await target.close()

const runs = join(folder, '.slsart/runs')
const minutes = new Map<string, number>()
for (const frame of framesBySecond(join(runs, readdirSync(runs)[0] ?? '', 'events.bin'))) {
  const { slice, second, health } = readHead(frame)
  if (second % 60 === 59)
    minutes.set(`minute ${Math.floor(second / 60) + 1}, worker ${slice}`, health.memoryBytes / 2 ** 20)
}
for (const [when, megabytes] of minutes) console.log(`${when}: ${megabytes.toFixed(0)} MB`)
