/** `slsart attach` and `slsart ps` beside the command that leads a run: on a terminal, and in lines. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { readReport, run, start, workFolder } from '../support/cli.ts'
import { openTerminal, type Terminal } from '../support/terminal.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.close())

const bin = join(import.meta.dirname, '../../bin/slsart.js')

const folderWith = (seconds: number, slsart: object = {}): string =>
  workFolder({
    'script.json': JSON.stringify({
      config: {
        ...{ target: target.url, slsart },
        phases: [
          { name: 'low', duration: 2, arrivalRate: 10 },
          { name: 'high', duration: seconds - 2, arrivalRate: 20 },
        ],
      },
      scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
    }),
  })
const args = ['invoke', '-p', 'script.json', '--local', '--workers', '2', '--seed', '7', '-o', 'report.json']
/** A machine with much to do takes its time to load a dashboard. */
const SLOW = 30_000
const attached = (folder: string, name: string): Terminal =>
  openTerminal(
    folder,
    `echo was here; '${process.execPath}' '${bin}' attach >${name}; echo exit $?; sleep 60`,
    [120, 40],
  )

test.concurrent('it shows the run, steers it, and ends with what its command says and exits with', async () => {
  const folder = folderWith(60)
  const going = start(folder, [...args, '--progress', 'json'])
  await going.stderrHas('"at":2')
  const terminal = attached(folder, 'out.txt')
  const first = await terminal.shows(/running 0:\d\d of 1:00/, SLOW)
  expect(first).toContain('■ 2 ok')
  expect(first).not.toContain('was here')
  // From the beginning, though it came later.
  expect(first).toMatch(/Load ─.*Workers ─/)
  terminal.type('?')
  await terminal.shows('leave; the run goes on')
  terminal.type('?')
  terminal.type('p')
  await terminal.shows(/Load paused from \d+\.\d s on\./)
  await terminal.shows('paused 0:')
  terminal.type('p')
  await terminal.shows('running 0:')
  terminal.type('+')
  await terminal.shows('Load x 1.10: 22.0/s?')
  terminal.type('Enter')
  await terminal.shows(/arrivals +\S+ +of 22\.0\/s/)
  const { stdout } = await run(folder, ['ps', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'slsart.ps/1',
    runs: [
      {
        ...{ script: expect.stringContaining('script.json'), fleet: 'local', is: 'running', phase: 'high', scale: 1.1 },
        workers: { planned: 2, atWork: 2 },
        lease: { renewed: true },
      },
    ],
  })
  terminal.type('n')
  await terminal.shows('End phase "high"?')
  terminal.type('Enter')
  const { code, stdout: said, stderr } = await going.ended
  expect(code, stderr).toBe(0)
  expect(await terminal.shows('exit 0')).toContain('was here')
  expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe(said)
  expect(readReport(folder).epochs.map(({ kind }) => kind)).toEqual(['pause', 'resume', 'scale', 'end-phase'])
  expect(readReport(folder).ledger).toMatchObject({ balanced: true, lost: 0, unfinished: 0 })
  expect((await run(folder, ['ps'])).stdout).toBe('No run goes on.\n')
})

test.concurrent('left, it leaves the run alone; x stops it from there', async () => {
  const folder = folderWith(60)
  const going = start(folder, [...args, '--progress', 'json'])
  await going.stderrHas('"at":1')
  const first = attached(folder, 'first.txt')
  await first.shows('running 0:', SLOW)
  first.type('q')
  const left = await first.shows('exit 0')
  expect(left).toContain('was here')
  expect(left.replaceAll('\n', '')).toMatch(/left run \S+, which goes on/)
  const second = attached(folder, 'second.txt')
  await second.shows('running 0:', SLOW)
  second.type('C-c')
  await second.shows('exit 0')
  expect((await run(folder, ['ps'])).stdout).toMatch(
    /script\.json +local .* running 0:\d\d of 1:00 "high" +2 of 2 +yes/,
  )
  const third = attached(folder, 'third.txt')
  await third.shows('running 0:', SLOW)
  third.type('x')
  await third.shows('Stop the run?')
  third.type('Enter')
  const { code, stdout } = await going.ended
  expect(code).toBe(20)
  await third.shows('exit 20')
  expect(readFileSync(join(folder, 'third.txt'), 'utf8')).toBe(stdout)
})

test.concurrent('in lines, by whoever comes later, with the exit code of the run; one that is over says what it was', async () => {
  const folder = folderWith(12, { thresholds: [{ expression: 'launched < 40' }] })
  const going = start(folder, [...args, '--progress', 'json'])
  await going.stderrHas('"at":1')
  const joined = await run(folder, ['attach', '--progress', 'json', '-o', 'joined.md'])
  const { code, stdout } = await going.ended
  expect([code, joined.code]).toEqual([10, 10])
  expect(joined.stdout).toBe(stdout)
  expect(readFileSync(join(folder, 'joined.md'), 'utf8')).toContain('launched < 40')
  type Moment = { stage: string; at: number; ledger: { launched: number }; latency_ms: { response: { count: number } } }
  const moments = joined.stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Moment)
  expect(moments.length).toBeGreaterThanOrEqual(4)
  const [first] = moments
  expect(first?.ledger.launched).toBeGreaterThanOrEqual(10)
  expect(moments.at(-1)).toMatchObject({
    stage: 'over',
    ledger: { launched: 220 },
    latency_ms: { response: { count: 220 } },
  })
  const again = await run(folder, ['attach', '--progress', 'none'])
  expect([again.code, again.stdout]).toEqual([10, stdout])
  expect(await run(workFolder(), ['attach'])).toMatchObject({ code: 2, stderr: expect.stringContaining('no run here') })
})
