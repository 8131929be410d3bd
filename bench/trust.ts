/**
 * Is a healthy run ever called unhealthy? Twenty runs at about half of what one worker on this machine can do; says how many of them
 * were not trusted. Not part of a plain `npm run bench`: name it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTarget } from '../demo/target.ts'

const RUNS = 20
const RATE = 1_000
const slsart = join(import.meta.dirname, '../bin/slsart.js')

type Report = { verdict: { trust: string; reasons: object[] }; latency_ms: { lateness: { p99: number } } }

if (process.argv[2] === 'serve') {
  const target = await startTarget(Number(process.argv[3]))
  process.on('SIGTERM', () => void target.close())
} else {
  const port = 18_080
  const served = spawn(process.execPath, [import.meta.filename, 'serve', String(port)], { stdio: 'inherit' })
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  const script = {
    config: { target: `http://127.0.0.1:${port}`, phases: [{ duration: 6, arrivalRate: RATE }] },
    scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
  }
  const lateness: number[] = []
  let flagged = 0
  for (let i = 0; i < RUNS; i++) {
    const folder = mkdtempSync(join(tmpdir(), 'slsart-trust-'))
    writeFileSync(join(folder, 'script.json'), JSON.stringify(script))
    const args = [slsart, 'invoke', '-p', 'script.json', '--local', '--workers', '1', '-q', '-o', 'report.json']
    spawnSync(process.execPath, args, { cwd: folder, stdio: 'ignore' })
    const { verdict, latency_ms } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
    lateness.push(latency_ms.lateness.p99)
    if (verdict.trust !== 'trusted') {
      flagged++
      console.log(`run ${i}: ${JSON.stringify(verdict)}`)
    }
    rmSync(folder, { recursive: true })
  }
  served.kill()
  lateness.sort((a, b) => a - b)
  console.log(
    `${flagged} of ${RUNS} runs at ${RATE}/s were not trusted; lateness p99, ms: ${lateness[0]} – ${lateness.at(-1)}`,
  )
}
