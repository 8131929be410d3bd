/** The verdict on the generator itself: a throttled worker is found, and what it makes of the result is told. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { readReport, start, workFolder } from '../support/cli.ts'

// Each worker says which process it is.
const HOOKS = `require("node:fs").writeFileSync("pid-" + process.env.LOCAL_WORKER_ID, String(process.pid))\n`

const scriptFor = (target: string, slsart: object, duration: number): string =>
  JSON.stringify({
    config: { target, slsart, processor: './hooks.js', phases: [{ duration, arrivalRate: 60 }] },
    scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
  })

/** Runs six workers; `disturb` is given worker 0's process once the load is on, and is stopped with it. */
async function runDisturbed(
  disturb: (pid: number, over: () => boolean, folder: string) => Promise<void>,
  slsart: object = {},
  duration = 7,
) {
  const target = await startTarget()
  const folder = workFolder({ 'script.json': scriptFor(target.url, slsart, duration), 'hooks.js': HOOKS })
  const args = ['invoke', '-p', 'script.json', '--local', '--workers', '6', '-o', 'report.json', '--progress', 'json']
  const { ended, stderrHas } = start(folder, args)
  await stderrHas('"at":1')
  let over = false
  const disturbing = disturb(pidIn(folder), () => over, folder)
  const { code, stdout } = await ended
  over = true
  await disturbing
  await target.close()
  return { code, stdout, report: readReport(folder) }
}

const pidIn = (folder: string): number => Number(readFileSync(join(folder, 'pid-0'), 'utf8'))

/** A signal to a process that may have ended. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone: nothing to disturb.
  }
}

test('a worker that gets a third of its processor is late; the run is degraded, and told without it', {
  timeout: 60_000,
}, async () => {
  const { code, stdout, report } = await runDisturbed(async (pid, over) => {
    while (!over()) {
      signal(pid, 'SIGSTOP')
      await sleep(400)
      signal(pid, 'SIGCONT')
      await sleep(200)
    }
  })
  expect(report.workers, stdout).toMatchObject({ planned: 6, late: 1, lost: 0 })
  expect(report.ledger).toMatchObject({ due: 420, launched: 420, balanced: true })
  expect(report.verdict).toMatchObject({ result: 'pass', trust: 'degraded', reasons: [{ kind: 'late' }] })
  expect(code).toBe(0)
  expect(report.leavingOut?.workers).toEqual([0])
  expect(report.leavingOut?.latency_ms.response.count).toBe(350)
  expect(report.leavingOut?.latency_ms.response.p99).toBeLessThan(report.latency_ms.response.p99)
  expect(stdout).toContain('Without worker 0 response times are')
})

test('workers that have room to spare are trusted', { timeout: 60_000 }, async () => {
  const { stdout, report } = await runDisturbed(async () => {})
  expect(report.workers, stdout).toMatchObject({ planned: 6, late: 0, silent: 0, lost: 0 })
  expect(report.verdict).toMatchObject({ result: 'pass', trust: 'trusted', reasons: [] })
  expect(report.leavingOut).toBeNull()
})

test.concurrent('a worker that stands still for 5 s is replaced; what was due meanwhile is lost, and told', {
  timeout: 60_000,
}, async () => {
  const { code, stdout, report } = await runDisturbed(async (pid) => signal(pid, 'SIGSTOP'), {}, 14)
  expect(report.workers, stdout).toMatchObject({ planned: 6, reported: 6, replaced: 1, lost: 0 })
  const { due, launched, lost, balanced } = report.ledger
  expect([due, launched + lost, balanced]).toEqual([840, 840, true])
  // Ten arrivals a second are its own.
  expect(lost).toBeGreaterThan(50)
  expect(lost).toBeLessThan(120)
  expect(report.verdict).toMatchObject({ result: 'pass', trust: 'degraded' })
  expect(report.verdict.reasons.map(({ kind }) => kind)).toContain('gaps')
  expect(stdout).toContain('1 worker was replaced (signal SIGKILL)')
  expect(code).toBe(0)
})

test.concurrent('a worker that is lost within the quorum leaves a verdict, and is told', {
  timeout: 60_000,
}, async () => {
  // Each of its attempts.
  const kill = async (_: number, over: () => boolean, folder: string): Promise<void> => {
    for (let before = 0; !over(); await sleep(50)) {
      const pid = pidIn(folder)
      if (pid !== before) signal(pid, 'SIGKILL')
      before = pid
    }
  }
  const { code, report, stdout } = await runDisturbed(kill, { quorum: 0.8 })
  expect(report.workers, stdout).toMatchObject({ planned: 6, reported: 5, lost: 1 })
  expect(report.verdict).toMatchObject({ result: 'pass', trust: 'degraded', reasons: [{ kind: 'lost-workers' }] })
  expect(report.ledger.balanced).toBe(true)
  expect(code).toBe(0)
})

test.concurrent('a worker without a file left for its connections goes on, and says that the errors are its own', async () => {
  const server = createServer((_request, response) => void setTimeout(() => response.end(), 1_500))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const config = { target: `http://127.0.0.1:${port}`, phases: [{ duration: 2, arrivalRate: 60 }] }
  const script = JSON.stringify({ config, scenarios: [{ flow: [{ get: { url: '/' } }] }] })
  const folder = workFolder({ 'script.json': script })
  const invoke = ['invoke', '-p', 'script.json', '--local', '--workers', '1', '-o', 'report.json', '-q']
  const few = [
    '-c',
    'ulimit -n 80; exec "$@"',
    'sh',
    process.execPath,
    join(import.meta.dirname, '../../bin/slsart.js'),
  ]
  const child = spawn('sh', [...few, ...invoke], { cwd: folder, stdio: 'ignore' })
  const code = await new Promise((resolve) => child.on('close', resolve))
  server.close()
  const report = readReport(folder)
  const [error] = report.errors
  expect(error).toMatchObject({ code: 'EMFILE' })
  expect(report.verdict).toMatchObject({ result: 'inconclusive', trust: 'invalid' })
  const [reason] = report.verdict.reasons
  expect(reason).toMatchObject({ kind: 'late', causes: expect.arrayContaining(['sockets']), refused: error?.count })
  expect(reason?.message).toContain("those errors are the generator's own")
  expect(report.ledger).toMatchObject({ due: 120, launched: 120, failed: error?.count, balanced: true })
  // What it was started with may lie above the limit.
  expect(report.workers.each[0]?.health).toMatchObject({ files: expect.toSatisfy((files: number) => files >= 80) })
  expect(code).toBe(12)
})
