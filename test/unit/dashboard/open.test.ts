/** The dashboard around its screens: when it draws, and that the terminal is given back whatever happens. */
import { PassThrough } from 'node:stream'
import { expect, it, onTestFinished } from 'vitest'
import { Dashboard, type Setting } from '../../../src/dashboard/open.tsx'
import type { RunState } from '../../../src/run/state.ts'
import { about, eventful } from '../../support/screens.ts'

const ENTER = '\u001b[?1049h'
const LEAVE = '\u001b[?1049l'

type Stage = {
  dashboard: Dashboard
  resize(columns: number, rows: number): Promise<void>
  /** All that the terminal was sent so far. */
  sent(): string
  type(keys: string): Promise<void>
  /** Moves the clock on, and lets what waits for it happen. */
  pass(ms: number): Promise<void>
  raw(): boolean
  stops: number
  left: (string | null)[]
}

/** ink draws no more often than every 33 ms of its own clock. */
const drawn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))

function staged(state: RunState, more: Partial<Setting> = {}): Stage {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let [sent, now, raw] = ['', 0, false]
  let sleepers: { until: number; wake(): void }[] = []
  output.on('data', (chunk: Buffer) => {
    sent += chunk.toString('utf8')
  })
  Object.assign(output, { isTTY: true, columns: 100, rows: 30, getColorDepth: () => 8 })
  const setRawMode = (on: boolean): unknown => {
    raw = on
    return input
  }
  Object.assign(input, { isTTY: true, setRawMode, ref: () => input, unref: () => input })
  const stage: Omit<Stage, 'dashboard'> = {
    ...{ sent: () => sent, raw: () => raw, stops: 0, left: [] },
    async resize(columns, rows) {
      Object.assign(output, { columns, rows })
      output.emit('resize')
      await drawn()
    },
    async type(keys) {
      input.write(keys)
      await drawn()
    },
    async pass(ms) {
      now += ms
      const woken = sleepers.filter(({ until }) => until <= now)
      sleepers = sleepers.filter(({ until }) => until > now)
      for (const { wake } of woken) wake()
      await drawn()
    },
  }
  const dashboard = new Dashboard(state, {
    ...{ about, env: { LANG: 'C.UTF-8' }, ascii: false, keep: () => Promise.resolve('here') },
    terminal: { input, output } as unknown as Setting['terminal'],
    clock: {
      ...{ wall: () => now, steady: () => now * 1000, every: () => () => {} },
      sleep: (span) => new Promise((wake) => void sleepers.push({ until: now + span, wake })),
    },
    controls: { stop: () => void stage.stops++ },
    left: (problem) => void stage.left.push(problem),
    ...more,
  })
  onTestFinished(() => dashboard.close())
  return Object.assign(stage, { dashboard })
}

it('draws on the alternate screen, and gives the terminal back when it is closed', async () => {
  const stage = staged(eventful)
  await drawn()
  expect(stage.sent()).toContain(ENTER)
  expect(stage.sent()).toContain('Load')
  expect(stage.raw()).toBe(true)
  stage.dashboard.close()
  stage.dashboard.close()
  expect(stage.sent().split(LEAVE).length).toBe(2)
  await drawn()
  expect(stage.raw()).toBe(false)
  expect(stage.left).toEqual([])
})

it('draws no more than ten times a second, and then what came last', async () => {
  const stage = staged(eventful)
  const draws = (): number => stage.sent().split('\u001b[?7l').length - 1
  await stage.pass(1_000)
  expect(draws()).toBe(1)
  stage.dashboard.observe({ ...eventful, at: 51 })
  await drawn()
  expect(draws()).toBe(2)
  for (const at of [62, 73, 84]) stage.dashboard.observe({ ...eventful, at })
  await drawn()
  expect(draws()).toBe(2)
  await stage.pass(100)
  expect(draws()).toBe(3)
  expect(stage.sent()).toContain('1:24 of 1:30')
})

it('sends nothing while nothing changes', async () => {
  const stage = staged(eventful)
  await stage.pass(1_000)
  const before = stage.sent()
  for (let i = 0; i < 3; i++) {
    stage.dashboard.observe({ ...eventful })
    await stage.pass(200)
  }
  expect(stage.sent()).toBe(before)
})

it('draws anew when the terminal is resized', async () => {
  const stage = staged(eventful)
  await stage.pass(1_000)
  await stage.resize(120, 40)
  expect(stage.sent()).toContain('7 events')
  expect(stage.sent()).toMatch(/Load .*Workers /)
  await stage.resize(40, 10)
  const before = stage.sent().length
  await stage.pass(100)
  // All of it, since ink may have taken lines away meanwhile.
  const pieces = stage.sent().slice(before).split('\u001b')
  const rows = pieces.flatMap((piece) => /^\[(\d+)H/.exec(piece)?.slice(1).map(Number) ?? [])
  expect(rows).toEqual(Array.from({ length: 10 }, (_, i) => i + 1))
  expect(stage.sent()).toContain('in flight')
  expect(stage.left).toEqual([])
})

it('ends with the run going on when drawing fails', async () => {
  const stage = staged(eventful)
  await stage.pass(1_000)
  const broken = Object.defineProperty({ ...eventful }, 'workers', {
    get: () => {
      throw new Error('no such thing')
    },
  })
  expect(() => stage.dashboard.observe(broken)).not.toThrow()
  expect(stage.left).toEqual(['no such thing'])
  expect(stage.sent()).toContain(LEAVE)
  await drawn()
  expect(stage.raw()).toBe(false)
  stage.dashboard.observe(eventful)
  expect(stage.left.length).toBe(1)
})

it('does not fail the run when it cannot even begin', () => {
  const stage = staged({ ...eventful, workers: null as unknown as RunState['workers'] })
  expect(stage.left.length).toBe(1)
})

it('takes ^C for a stop, each time', async () => {
  const stage = staged(eventful)
  await drawn()
  await stage.type('\u0003')
  await stage.type('\u0003')
  expect(stage.stops).toBe(2)
})

it('hears keys that come at once, and arrows', async () => {
  const stage = staged(eventful)
  await stage.pass(1_000)
  await stage.type('xx')
  expect(stage.stops).toBe(1)
  await stage.pass(200)
  await stage.type('\u001b[C')
  await stage.pass(200)
  expect(stage.sent()).toContain('launched')
})

it('says where it wrote a snapshot, or why it could not', async () => {
  const kept: string[] = []
  const stage = staged(eventful, {
    keep: (name, text) => {
      kept.push(name, text)
      return kept.length > 2 ? Promise.reject(new Error('disk full')) : Promise.resolve('here')
    },
  })
  await stage.pass(1_000)
  await stage.type('w')
  await stage.pass(1_000)
  expect(stage.sent()).toContain('written to here')
  expect(kept[0]).toBe('snapshot-1.txt')
  expect(kept[1]).toMatch(/^ slsart {2}shop.yml/)
  await stage.type('w')
  await stage.pass(1_000)
  expect(stage.sent()).toContain('disk full')
})

it('stands still while it is frozen, and shows what has been since when it goes on', async () => {
  const stage = staged(eventful)
  await stage.pass(1_000)
  await stage.type('f')
  await stage.pass(1_000)
  stage.dashboard.observe({ ...eventful, at: 59 })
  await stage.pass(1_000)
  expect(stage.sent()).toContain('frozen')
  expect(stage.sent()).not.toContain('0:59')
  await stage.type('f')
  await stage.pass(1_000)
  expect(stage.sent()).toContain('59')
})

it('is left when the person leaves it', async () => {
  const stage = staged(eventful)
  await drawn()
  await stage.type('q')
  await stage.type('l')
  expect(stage.left).toEqual([null])
  expect(stage.sent()).toContain(LEAVE)
})
