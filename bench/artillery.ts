/**
 * Artillery's engine under our dispatcher beside `artillery run`: how many virtual users, or requests, a second each gets through
 * on one core when more are due than it can carry. One worker each, pinned to one core with all that belongs to it; the
 * target on the other, where the requests are counted and timed.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { report } from './rows.ts'

const root = join(import.meta.dirname, '..')
const BODY = JSON.stringify({ id: 1, name: 'item 1', tags: ['a', 'b'], price: 101, more: 'x'.repeat(30) })

const rates = {
  artillery: [join(root, 'node_modules/artillery/bin/run'), 'run', '-q', 'script.json'],
  ours: [join(root, 'bin/slsart.js'), 'invoke', '-p', 'script.json', '--local', '--workers', '1', '-q'],
}

/** Requests a second at the target, from the first to the last. */
async function rate(command: readonly string[], arrivalCount: number, loop: number): Promise<number> {
  const seen = { count: 0, first: 0, last: 0 }
  const server = createServer((_request, response) => {
    seen.last = performance.now()
    if (seen.count++ === 0) seen.first = seen.last
    response.setHeader('content-type', 'application/json').end(BODY)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const get = { get: { url: '/items/{{ $uuid }}', capture: { json: '$.name', as: 'name' } } }
  const script = {
    config: {
      target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      phases: [{ duration: 1, arrivalCount }],
    },
    scenarios: [{ flow: loop === 1 ? [{ get: { url: '/items/1' } }] : [{ loop: [get], count: loop }] }],
  }
  const folder = mkdtempSync(join(tmpdir(), 'slsart-bench-'))
  writeFileSync(join(folder, 'script.json'), JSON.stringify(script))
  const env = { ...process.env, WORKERS: '1', ARTILLERY_DISABLE_TELEMETRY: 'true' }
  const run = spawn('taskset', ['-c', '0', process.execPath, ...command], { cwd: folder, env, stdio: 'ignore' })
  await new Promise((resolve) => run.on('close', resolve))
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
  if (seen.count !== arrivalCount * loop) throw new Error(`${seen.count} requests of ${arrivalCount * loop}`)
  return (seen.count / (seen.last - seen.first)) * 1000
}

spawn('taskset', ['-cp', '1', String(process.pid)], { stdio: 'ignore' })
const vus = { artillery: await rate(rates.artillery, 4_000, 1), ours: await rate(rates.ours, 4_000, 1) }
const requests = { artillery: await rate(rates.artillery, 120, 100), ours: await rate(rates.ours, 120, 100) }
report({
  ...{ artillery_vus: vus.artillery, ours_vus: vus.ours, ratio_vus: vus.ours / vus.artillery },
  artillery_requests: requests.artillery,
  ours_requests: requests.ours,
  ratio_requests: requests.ours / requests.artillery,
})
