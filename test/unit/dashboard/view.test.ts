import { describe, expect, it } from 'vitest'
import type { Input, Shown } from '../../../src/dashboard/input.ts'
import { keysIn, type Mode, TABS } from '../../../src/dashboard/keys.ts'
import { lineWidth, textOf } from '../../../src/dashboard/line.ts'
import { ascii, marksFor, unicode } from '../../../src/dashboard/marks.ts'
import { still } from '../../../src/dashboard/still.ts'
import type { Ui } from '../../../src/dashboard/ui.ts'
import { rowsShown, view } from '../../../src/dashboard/view.ts'
import { begin, type RunEvent, reduce } from '../../../src/run/state.ts'
import { runOf, START, T0 } from '../../support/fleet.ts'
import { planOf } from '../../support/plans.ts'
import { about, eventful, inputOf, steered, threshold } from '../../support/screens.ts'

const textsOf = (input: Input): string[] => view(input).map(textOf)
const shown = (input: Input): string => textsOf(input).join('\n')
const titles = (input: Input): string[] =>
  textsOf(input).flatMap((line) => [...line.matchAll(/([A-Z][a-z]+) ─{3}/g)].map(([, title]) => title ?? ''))

const sizes: [number, number][] = [
  ...[
    [1, 1],
    [20, 2],
    [40, 10],
    [59, 50],
    [60, 8],
    [60, 24],
  ],
  ...[
    [80, 24],
    [115, 30],
    [116, 30],
    [117, 9],
    [120, 40],
    [200, 60],
    [300, 100],
  ],
] as [number, number][]

describe('a screen', () => {
  it.each(sizes)('of %d×%d is exactly that, on every tab, with help and with a question', (columns, rows) => {
    const variants: Partial<Ui>[] = [
      ...TABS.map((tab) => ({ tab })),
      ...TABS.map((tab) => ({ tab, expanded: true, filter: 'e', cursor: 3 })),
      ...[{ help: true }, { ask: { kind: 'quit' as const } }, { notice: 'x'.repeat(300) }, { span: 300 }],
    ]
    for (const ui of variants) {
      for (const marks of [unicode, ascii]) {
        const lines = view(inputOf(eventful, { ui, size: [columns, rows], marks }))
        expect(lines.length).toBe(rows)
        expect(new Set(lines.map(lineWidth))).toEqual(new Set([columns]))
      }
    }
  })

  it('is drawn with ASCII signs only when it must be', () => {
    for (const tab of TABS) {
      for (const help of [false, true]) {
        const text = shown(inputOf(eventful, { ui: { tab, help }, size: [200, 60], marks: ascii }))
        expect(text.replaceAll(/[ -~\n]/g, '')).toBe('')
      }
    }
  })

  it('of a run that has only begun has nothing to tell, and tells so', () => {
    const state = begin(planOf([], 1), START)
    for (const tab of TABS) expect(view(inputOf(state, { ui: { tab } })).length).toBe(24)
    expect(shown(inputOf(state, { ui: { tab: 'errors' } }))).toContain('no error')
  })
})

describe('what matters most', () => {
  it.each<[string, [number, number], string[]]>([
    ['stays when there is little room', [80, 12], ['Load']],
    ['comes first', [80, 24], ['Load', 'Latency', 'Thresholds', 'Workers']],
    ['comes before the rest', [80, 50], ['Load', 'Latency', 'Thresholds', 'Workers', 'Endpoints', 'Heatmap', 'Events']],
  ])('%s', (_, size, wanted) => expect(titles(inputOf(eventful, { size }))).toEqual(wanted))

  it('stands in two columns from 116 on', () => {
    const [first] = textsOf(inputOf(eventful, { size: [116, 40] })).filter((line) => line.includes('Load ─'))
    expect(first).toContain('Workers ─')
    expect(shown(inputOf(eventful, { size: [115, 40] }))).not.toMatch(/Load ─.*Workers ─/)
  })

  it('is three lines on a terminal of 40 columns', () => {
    const lines = textsOf(inputOf(eventful, { size: [40, 10] }))
    expect(lines.slice(0, 3).every((line) => line.trim() !== '')).toBe(true)
    expect(lines.slice(3).every((line) => line.trim() === '')).toBe(true)
  })

  it('is the question, on a terminal of one line', () => {
    const lines = textsOf(inputOf(eventful, { size: [40, 1], ui: { ask: { kind: 'stop' } } }))
    expect(lines).toEqual([' Stop the run? enter stop, esc go on    '])
  })
})

describe('the header', () => {
  const at = (state: Shown, more: Partial<Pick<Input, 'stopping'>> = {}, ui: Partial<Ui> = {}): string =>
    textsOf(inputOf(state, { ...more, ui }))[0] ?? ''
  const begun = begin(planOf([], 3), START)
  it.each<[string, string, string]>([
    ['a run that starts', at(begun), 'starting, 0 of 3 ready'],
    ['a run that is on', at(eventful), '■ running 0:40 of 1:30'],
    ['a run that is told to stop', at(eventful, { stopping: true }), 'stopping 0:40'],
    ['a run that pauses', at(steered(eventful, { at: 39, kind: 'pause' })), 'paused 0:40 of 1:32'],
    ['a run that drains', at({ ...eventful, at: 91 }), 'draining 1:31 of 1:30'],
    ['a run that is over', at({ ...eventful, stage: 'over' }), 'over 0:40'],
    ['a screen that is frozen', at(eventful, {}, { frozen: true }), 'frozen ■ running'],
  ])('tells of %s', (_, line, said) => expect(line).toContain(said))

  it('says how long ago it was so, when it is shown by its store', () => {
    expect(shown(inputOf(eventful, { behind: 31.2 }))).toContain('as it was 31 s ago')
  })

  it('says how old the newest frame is, and greys what is stale', () => {
    const stale = { ...eventful, at: (eventful.freshAt ?? 0) + 8 }
    expect(shown(inputOf(stale))).toContain('newest frame 8 s old')
    const arrivals = view(inputOf(stale)).find((line) => textOf(line).startsWith(' arrivals'))
    expect(new Set(arrivals?.map(({ tone }) => tone).filter((tone) => tone !== 'plain'))).toEqual(new Set(['faint']))
    expect(shown(inputOf(stale, { size: [40, 10] }))).toContain('running 0:48 of 1:30 8 s old')
    expect(shown(inputOf(eventful))).toContain('newest frame 0.7 s old')
  })

  it('marks where in its phases the run is', () => {
    const [, , curve = '', phases = ''] = textsOf(inputOf(eventful, { size: [92, 24] }))
    expect(curve.indexOf('│')).toBe(1 + Math.floor((eventful.at / 90) * 90))
    expect(phases).toContain('warm (w')
    expect(phases).toContain('steady')
  })
})

it('the plan’s tab lists how the run was steered, and the bar shows what is left of it', () => {
  const state = steered(eventful, { at: 30, kind: 'scale', scale: 1.5 }, { at: 38, kind: 'end-phase' })
  const lines = shown(inputOf(state, { ui: { tab: 'plan' }, size: [100, 30] }))
  expect(lines).toContain("0:30  load to 150 % of the script's")
  expect(lines).toContain("0:38  load brought to its phase's end")
  expect(textsOf(inputOf(state))[0]).toContain('0:40 of 0:38')
})

describe('the load', () => {
  it('is told beside what was asked for', () =>
    expect(shown(inputOf(eventful))).toMatch(/arrivals +\d+\.\d\/s {2}of 36\.0\/s/))

  it('is what steering makes of it', () => {
    expect(shown(inputOf(steered(eventful, { at: 30, kind: 'scale', scale: 1.5 })))).toContain('of 54.0/s')
    expect(shown(inputOf(steered(eventful, { at: 35, kind: 'pause' })))).toContain('of 0.0/s')
  })

  it('has a ledger that balances, or says loudly that it does not', () => {
    expect(shown(inputOf(eventful, { size: [120, 40] }))).toContain('■ balanced')
    const [worker] = eventful.workers
    if (worker === undefined) throw new Error('no worker')
    const odd = { ...worker, ledger: { ...worker.ledger, launched: worker.ledger.due + 1 } }
    expect(shown(inputOf({ ...eventful, workers: [odd] }))).toContain('◪ NOT BALANCED')
  })
})

describe('latencies', () => {
  it.each<[Ui['show'], string[]]>([
    ['both', ['response now', 'service now', 'response run', 'service run', 'lateness run']],
    ['response', ['response now', 'response run', 'lateness run']],
    ['service', ['service now', 'service run', 'lateness run']],
  ])('%s', (show, labels) => {
    const found = textsOf(inputOf(eventful, { ui: { show }, size: [80, 50] })).flatMap((line) => {
      const [label] = /(response|service|lateness) (now|run)/.exec(line) ?? []
      return label ?? []
    })
    expect(found).toEqual(labels)
  })
})

describe('thresholds', () => {
  it('that do not hold come first', () => {
    const rows = textsOf(inputOf(eventful, { size: [120, 40] })).filter((line) => /^ . (FAILS|holds)/.test(line))
    expect(rows.map((row) => /FAILS|holds/.exec(row)?.[0])).toEqual(['FAILS', 'FAILS', 'holds'])
  })

  it('are not there when the script has none', () =>
    expect(titles(inputOf(runOf({ workers: 2, seconds: 3 }).state, { size: [80, 50] }))).not.toContain('Thresholds'))

  it('that will not hold for long say so', () => {
    const state = reduce(
      runOf({ workers: 1, seconds: 40, thresholds: [threshold('launched < 200', { abort: true })] }).state,
      { type: 'tick' },
      T0,
    )
    expect(shown(inputOf(state, { size: [120, 40] }))).toMatch(/ends the load in ~0:\d\d/)
  })
})

describe('the workers', () => {
  it('are counted by how they stand', () =>
    expect(shown(inputOf(eventful, { size: [80, 50] }))).toContain('■ 9 ok  ◪ 1 late  ▨ 1 silent  □ 1 lost'))

  it('of a thousand stand for several each when there is no room', () => {
    const { state } = runOf({ workers: 1_000, seconds: 2 })
    expect(shown(inputOf(state, { size: [80, 24] }))).toContain('each sign: the worst of 13')
    const wide = shown(inputOf(state, { size: [200, 60] }))
    expect(wide).toContain('■ 1,000 ok')
    expect(wide.match(/■/g)?.length).toBeGreaterThanOrEqual(1_000)
  })

  it('are filtered and sorted in their table', () => {
    expect(rowsShown(inputOf(eventful, { ui: { tab: 'workers', filter: 'silent' } }))).toBe(1)
    expect(shown(inputOf(eventful, { ui: { tab: 'workers', filter: 'silent' } }))).toContain('Workers with "silent"')
    const lines = textsOf(inputOf(eventful, { ui: { tab: 'workers', sort: 1 } }))
    expect(lines.find((line) => line.includes('›'))).toContain('□ lost')
  })
})

describe('endpoints', () => {
  it('are compared with a baseline when there is one', () => {
    expect(shown(inputOf(eventful, { size: [120, 40] }))).not.toContain('p95 was')
    const input = inputOf(eventful, { size: [120, 40], about: { ...about, baseline: eventful.totals } })
    expect(shown(input)).toMatch(/GET \/items .*\+0 %/)
  })
})

describe('errors', () => {
  it('show one virtual user that failed', () => {
    const text = shown(inputOf(eventful, { ui: { tab: 'errors' } }))
    expect(text).toContain('One of them: ECONNRESET')
    expect(text).toContain('read ECONNRESET')
    expect(text).toContain('POST /orders')
  })
})

describe('events', () => {
  it('are told, the newest first', () => {
    const text = shown(inputOf(eventful, { ui: { tab: 'events' } }))
    for (const said of [
      'phase "ramp" begins',
      'worker 3 late',
      'worker 5 silent',
      'worker 8 lost',
      'p99 < 40 does not hold',
    ]) {
      expect(text).toContain(said)
    }
    expect(text.indexOf('silent')).toBeLessThan(text.indexOf('worker 3 late'))
  })
})

describe('the help', () => {
  it('has only keys that do something', () => {
    const help = { ui: { help: true }, size: [100, 40] as const }
    expect(shown(inputOf(eventful, help))).not.toContain('pause the load')
    expect(shown(inputOf(eventful, help))).toContain('cannot be steered')
    expect(shown(inputOf(eventful, { ...help, mode: 'steered' }))).toContain('pause the load')
  })

  it.each<Mode>(['run', 'steered', 'joined', 'replay'])('is whole on a terminal of 80×24: %s', (mode) => {
    const text = shown(inputOf(eventful, { ui: { help: true }, mode }))
    for (const { words } of keysIn(mode)) expect(text).toContain(words)
  })
})

it('a frozen screen stays what it was while the run goes on', () => {
  const { state } = runOf({ workers: 2, seconds: 15 })
  const frozen = still(state)
  const before = shown(inputOf(frozen, { size: [120, 40] }))
  const tick: RunEvent = { type: 'tick' }
  reduce(state, tick, T0 + 30_000)
  state.totals.counters.set('requests', 1)
  state.totals.histogram('response').record(9_999_999)
  expect(shown(inputOf(frozen, { size: [120, 40] }))).toBe(before)
})

it.each<[Record<string, string>, boolean, typeof ascii]>([
  [{ LANG: 'en_US.UTF-8' }, false, unicode],
  [{ LANG: 'C.utf8' }, false, unicode],
  [{ LANG: 'C' }, false, ascii],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false, ascii],
  [{ LC_ALL: '', LC_CTYPE: 'de_DE.UTF-8' }, false, unicode],
  [{}, false, ascii],
  [{ LANG: 'en_US.UTF-8' }, true, ascii],
])('the signs of %o, --ascii %o', (env, wanted, marks) => expect(marksFor(env, wanted)).toBe(marks))
