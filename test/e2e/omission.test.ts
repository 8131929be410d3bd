/**
 * Coordinated omission, shown: a target that stands still for 10 s once in half a minute of constant arrivals. Whoever asks only when
 * the last answer is there asks once in those 10 s; here everybody is asked for all the same, and waits.
 *
 * Arrivals come r a second, for T seconds; the target stands still for s of them. Who is due with w left of that waits w, so
 * more than w wait (s − w)·r of the T·r: a hundredth of all waits longer than w = s − T/100.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { invoke } from '../support/cli.ts'

const T = 30
const STALL = 10
const RATE = 20

test('response times tell of everybody who waited, service times of the one request that did', {
  timeout: 120_000,
}, async () => {
  let waiting: (() => void)[] | null = null
  let stalled = false
  const server = createServer((_request, response) => {
    if (!stalled && performance.now() - began > 10_000) {
      stalled = true
      waiting = []
      setTimeout(() => {
        for (const answer of waiting ?? []) answer()
        waiting = null
      }, STALL * 1000)
    }
    const answer = (): void => void response.end('ok')
    if (waiting) waiting.push(answer)
    else answer()
  })
  let began = Number.POSITIVE_INFINITY
  server.once('request', () => {
    began = performance.now()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const script = {
    config: {
      target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      phases: [{ duration: T, arrivalRate: RATE }],
      // One connection: a request is sent when the one before it is answered, as a closed loop would.
      http: { pool: 1, timeout: 60 },
    },
    scenarios: [{ flow: [{ get: { url: '/' } }] }],
  }
  const { report, code, stderr } = await invoke(script, { workers: 1 })
  server.close()
  expect(code, stderr).toBe(0)
  const { response, service, lateness } = report.latency_ms
  expect(response.count).toBe(T * RATE)
  const p99 = (STALL - T / 100) * 1000
  expect(Math.abs(response.p99 / p99 - 1), `p99 ${response.p99} ms, and ${p99} ms by theory`).toBeLessThan(0.01)
  for (const [percent, at] of [
    [90, response.p90],
    [95, response.p95],
  ] as const) {
    const theory = STALL - (T * (100 - percent)) / 100
    expect(Math.abs(at / 1000 - theory), `p${percent}`).toBeLessThan(0.2)
  }
  // One request in 600 met the stall itself: p99 of what was served does not know of it, the maximum does.
  expect(service.p99).toBeLessThan(100)
  expect(Math.abs(service.max / (STALL * 1000) - 1)).toBeLessThan(0.01)
  expect(lateness.p99).toBeLessThan(50)
  expect(report.verdict).toMatchObject({ result: 'pass', trust: 'trusted' })
})
