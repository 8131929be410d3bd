/**
 * The conductor of 1,000 and of 10,000 workers in virtual time (bench/simulated): their frames, of 12 metrics × 1k samples, are packed
 * beforehand, and read from a file. Processor time a second of the run, dashboard and record and all; no sockets. `node bench/conductor.ts 10000` measures one.
 */
import { once } from 'node:events'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { packFrame } from '../lambda/packing.ts'
import { cliBuild } from '../scripts/build.ts'
import type { Expected } from './conductor-client.ts'
import { bodiesWith, frameWith } from './frames.ts'
import { GENERATOR_CORE, need, start, temporaryFolder } from './processes.ts'
import { report } from './rows.ts'

const SECONDS = 5
const SIZES = [1_000, 10_000]

need()
const only = process.argv[2]
const client = join(import.meta.dirname, '../node_modules/.cache/slsart-bench/conductor-client.mjs')
// As the command line is built.
const { outdir: _, entryPoints: __, ...options } = cliBuild
await build({
  ...options,
  entryPoints: [join(import.meta.dirname, 'conductor-client.ts')],
  outfile: client,
  splitting: false,
})
const rows: Record<string, number> = {}
for (const workers of only === undefined ? SIZES : [Number(only)]) {
  for (const [key, value] of Object.entries(await measure(workers))) rows[`${key}_${workers}`] = value
}
report(rows)
process.exit()

async function measure(workers: number): Promise<Record<string, number>> {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'expected.json'), JSON.stringify(writeFrames(workers, join(folder, 'frames.bin'))))
  const flags = (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== '')
  const command = [process.execPath, ...flags, client, String(workers), String(SECONDS), folder]
  // As src/cli/watching.ts has it.
  const env = { ...process.env, NODE_ENV: 'production' }
  const conductor = start(GENERATOR_CORE, command, { stdio: ['ignore', 'pipe', 'inherit'], env })
  const output: Buffer[] = []
  conductor.stdout?.on('data', (chunk: Buffer) => output.push(chunk))
  const [code] = (await once(conductor, 'close')) as [number]
  if (code !== 0) throw new Error(`bench/conductor-client.ts ${workers} ended with ${code}`)
  return JSON.parse(Buffer.concat(output).toString('utf8').trim().split('\n').at(-1) ?? '') as Record<string, number>
}

/** What they come to. */
function writeFrames(workers: number, path: string): Expected {
  const expected: Expected = { counters: {}, histograms: {} }
  const file = openSync(path, 'wx')
  const bodyAt = bodiesWith(1_000)
  const length = Buffer.alloc(4)
  for (let second = 0; second < SECONDS; second++) {
    for (let slice = 0; slice < workers; slice++) {
      const { counters, histograms, failures } = bodyAt(slice, second)
      const packed = packFrame(frameWith({ counters, histograms, failures }, slice, second))
      length.writeUInt32BE(packed.length)
      writeSync(file, Buffer.concat([length, packed]))
      for (const [name, value] of counters) expected.counters[name] = (expected.counters[name] ?? 0) + value
      for (const [name, { count, sum }] of histograms) {
        const so = expected.histograms[name] ?? { count: 0, sum: 0 }
        expected.histograms[name] = { count: so.count + count, sum: so.sum + sum }
      }
    }
  }
  closeSync(file)
  return expected
}
