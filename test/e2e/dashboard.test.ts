/** The dashboard on a real terminal: what is drawn, what keys do, and what is left on the screen when it is gone. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { readReport, run, workFolder } from '../support/cli.ts'
import { openTerminal, type Terminal } from '../support/terminal.ts'

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.close())

const bin = join(import.meta.dirname, '../../bin/slsart.js')

/** A run of so many seconds, begun on a terminal that had something on it before. */
function begun(
  seconds: number,
  size: [number, number],
  more = '',
  url = target.url,
): { folder: string; terminal: Terminal } {
  const script = {
    config: {
      target: url,
      phases: [
        { name: 'low', duration: 2, arrivalRate: 10 },
        { name: 'high', duration: seconds - 2, arrivalRate: 20 },
      ],
    },
    scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
  }
  const folder = workFolder({ 'script.json': JSON.stringify(script) })
  const invoke = `'${process.execPath}' '${bin}' invoke -p script.json --local --workers 2 --seed 7 ${more}`
  return { folder, terminal: openTerminal(folder, `echo was here; ${invoke} >out.txt; echo exit $?; sleep 60`, size) }
}
const output = (folder: string): string => readFileSync(join(folder, 'out.txt'), 'utf8')
const widest = (screen: string): number => Math.max(...screen.split('\n').map((line) => line.length))

test.concurrent('it draws the run at any size, shows its tabs, stops it when told to, and gives the terminal back', async () => {
  const { folder, terminal } = begun(60, [120, 40])
  const first = await terminal.shows(/running 0:0[3-9] of 1:00/)
  expect(first).toMatch(/Load ─.*Workers ─/)
  expect(first).toContain('■ 2 ok')
  expect(first).not.toContain('was here')

  terminal.resize(40, 10)
  expect(widest(await terminal.shows(/^ . running.*\n .*sent.*in flight/m))).toBeLessThanOrEqual(40)
  terminal.resize(200, 60)
  await terminal.shows(/Heatmap ─{50}/)
  terminal.resize(80, 24)
  const small = await terminal.shows('1 overview  2  3')
  expect(small.trimEnd().split('\n').length).toBe(24)
  expect(small).toContain('Latency ─')

  terminal.type('3')
  expect(await terminal.shows('requests ▾')).toMatch(/› GET \/items\/1/)
  terminal.type('Left')
  await terminal.shows(/worker ▾.*\n › +0 +■ ok/)
  terminal.type('/', '1')
  await terminal.shows('filter: 1_')
  terminal.type('Escape')
  await terminal.shows('? keys')
  terminal.type('?')
  await terminal.shows('pause the load, or resume it')
  terminal.type('w')
  await terminal.shows(/Screen written to .*snapshot-1\.txt/)
  const [id = ''] = readdirSync(join(folder, '.slsart/runs'))
  expect(readFileSync(join(folder, '.slsart/runs', id, 'snapshot-1.txt'), 'utf8')).toContain('stop the run')
  terminal.type('?')

  terminal.type('d')
  await terminal.shows('Leave it to its stage?')
  terminal.type('Enter')
  await terminal.shows('Not left: its workers are processes of this machine')

  terminal.type('x')
  await terminal.shows('Stop the run?')
  terminal.type('Enter')
  const last = await terminal.shows('exit 130')
  expect(last).toContain('was here')
  expect(last).not.toContain('overview')
  expect(output(folder)).toContain('stopped by SIGINT')
  expect(output(folder)).toContain('ledger balanced')
})

test.concurrent('left, it lets the run go on in plain lines, to its summary and its own exit code', async () => {
  const { folder, terminal } = begun(8, [100, 30])
  await terminal.shows('running 0:0')
  terminal.type('q')
  await terminal.shows('Leave?')
  terminal.type('l')
  const left = await terminal.shows(/the run goes on/)
  expect(left).toContain('was here')
  expect(await terminal.shows('exit 0', 30_000)).toContain('s: the run is over')
  expect(output(folder)).toContain('verdict    pass')
})

test.concurrent('it steers: more load, a pause, on again, the next phase; every arrival that this makes due is sent once', async () => {
  const own = await startTarget()
  const { folder, terminal } = begun(14, [120, 40], '-o report.json', own.url)
  await terminal.shows(/running 0:0[3-9]/)
  terminal.type('+', '+')
  await terminal.shows('Load x 1.20: 24.0/s?')
  terminal.type('Enter')
  await terminal.shows(/arrivals +\S+ +of 24\.0\/s/)
  terminal.type('p')
  await terminal.shows('paused 0:')
  await terminal.shows(/arrivals +\S+ +of 0\.0\/s/)
  terminal.type('p')
  await terminal.shows('running 0:')
  terminal.type('6')
  await terminal.shows(/Steering .*load to 120 %.*load paused.*load resumed/s)
  terminal.type('n')
  await terminal.shows('End phase "high"?')
  terminal.type('Enter')
  await terminal.shows('exit 0', 20_000)
  const report = readReport(folder)
  expect(report.epochs.map(({ kind }) => kind)).toEqual(['scale', 'pause', 'resume', 'end-phase'])
  expect(report.ledger).toMatchObject({ balanced: true, lost: 0, unfinished: 0 })
  expect(report.ledger.due).toBeLessThan(20 + 12 * 24)
  expect(own.total()).toBe(report.ledger.due)
  expect(output(folder)).toMatch(
    /steered +to 120 % of the script's at .*, brought to its phase's end at .*: 260 arrivals were planned/,
  )
})

test.concurrent('^C twice ends the workers at once; a terminal that knows only ASCII gets nothing else', async () => {
  const { folder, terminal } = begun(60, [100, 30], '--progress tui --ascii')
  const drawn = await terminal.shows(/# running 0:0[2-9]/)
  expect(drawn.replaceAll(/[ -~\n]/g, '')).toBe('')
  terminal.type('C-c')
  await terminal.shows('Stopping')
  terminal.type('C-c')
  expect(await terminal.shows('exit 130', 5_000)).toContain('was here')
  expect(output(folder)).toContain('verdict    inconclusive')
})

test.concurrent('a run that is over closes it, and its summary is on the screen', async () => {
  const { terminal } = begun(3, [100, 50])
  await terminal.shows('running 0:0')
  expect(await terminal.shows('exit 0')).not.toContain('overview')
})

test.concurrent('a replay plays the record: held, at another speed, back and forth; leaving it gives the terminal back', async () => {
  const folder = workFolder({
    'script.json': JSON.stringify({
      config: { target: target.url, phases: [{ name: 'all', duration: 12, arrivalRate: 20 }] },
      scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
    }),
  })
  const live = await run(folder, ['invoke', '-p', 'script.json', '--local', '--workers', '2', '-q'])
  expect(live.code, live.stderr).toBe(0)
  const terminal = openTerminal(
    folder,
    `echo was here; '${process.execPath}' '${bin}' replay; echo exit $?; sleep 60`,
    [120, 40],
  )
  await terminal.shows(/replay 1 x 0:0[12] of 0:12/)
  terminal.type('p')
  await terminal.shows(/held 0:0\d of 0:12/)
  terminal.type('.')
  const near = await terminal.shows(/held 0:1[12] of 0:12/)
  // Of the eleventh second a frame may just not have come.
  expect(near).toMatch(/2[01234]\d of 240 launched/)
  terminal.type('<')
  await terminal.shows(/starting, \d of 2 ready|held 0:00 of/)
  terminal.type('+', '+', '+', 'p')
  await terminal.shows('replay 10 x')
  expect(await terminal.shows(/240 of 240 launched/)).toContain('2 done')
  terminal.type('2')
  await terminal.shows(/worker ▾.*\n › +0 +▪ done/)
  terminal.type('q')
  const left = await terminal.shows('exit 0')
  expect(left).toContain('was here')

  const refused = await run(folder, ['replay', '--speed', '61'])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--speed must be from 1 to 60')])
  const nowhere = await run(folder, ['replay'])
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('the dashboard needs a terminal')])
})

const quick = {
  config: { target: 'http://127.0.0.1:9', phases: [{ duration: 1, arrivalCount: 1 }] },
  scenarios: [{ flow: [{ get: { url: '/' } }] }],
}

test.concurrent('asked for without a terminal it is refused', async () => {
  const folder = workFolder()
  const { code, stderr } = await run(folder, ['invoke', '-d', JSON.stringify(quick), '--local', '--progress', 'tui'])
  expect(code).toBe(2)
  expect(stderr).toContain('the dashboard needs a terminal')
})
