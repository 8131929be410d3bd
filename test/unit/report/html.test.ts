import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import { packFrame } from '../../../lambda/packing.ts'
import { pageBuild } from '../../../scripts/build.ts'
import { FRAME_VERSION } from '../../../src/measure/frame.ts'
import { emptyLedger } from '../../../src/measure/ledger.ts'
import { drawnOf } from '../../../src/report/drawing.ts'
import { pageOf } from '../../../src/report/html.ts'
import { jsonReport } from '../../../src/report/json.ts'
import { html, jsonIn, table } from '../../../src/report/markup.ts'
import { type Results, resultsOf } from '../../../src/report/results.ts'
import { keepEnding, openRecord, type RunHead, type RunRecord, readRecord } from '../../../src/run/record.ts'
import { constant, type FrameSketch, frameBytes } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

type Sketch = { seconds: number; frame: (second: number) => FrameSketch; head?: Partial<RunHead> }

/** The record of a run of one worker with a frame a second. */
async function recordOf({ seconds, frame, head = {} }: Sketch): Promise<RunRecord> {
  const folder = await mkdtemp(join(tmpdir(), 'slsart-html-'))
  folders.push(folder)
  const log = await openRecord(join(folder, 'run'), {
    ...{
      schema: 'slsart.run/1',
      frames: FRAME_VERSION,
      id: 'a',
      fleet: 'local',
      engine: 'artillery',
      launchedAt: 0,
      ...{ acceptance: false, monitoring: null },
      baseline: null,
      money: { cap: null, tariff: null },
      platform: null,
    },
    plan: planOf([constant(1, seconds)], 1),
    script: {
      ...{ target: 'http://target', file: 'script.yml', scenarios: ['0'], warmUp: [], strict: false, quorum: 1 },
      thresholds: [],
    },
    ...head,
  })
  log.event({ type: 'go', t0: 0 }, 0)
  for (let second = 0; second < seconds; second++) {
    const bytes = frameBytes({ ...frame(second), seq: second, second })
    log.frame({ slice: 0, second }, packFrame(bytes), second * 1_000)
  }
  const ledger = { ...emptyLedger(), due: seconds }
  log.event({ type: 'done', slice: 0, attempt: 1, ledger, frames: seconds }, seconds * 1_000)
  const logged = await log.close()
  const ending = { endedAt: seconds * 1_000, after: null, suggested: 0, problem: null, logged }
  const brief = { result: 'pass', exit: 0, launched: seconds, response_p99_ms: 1 } as const
  await keepEnding(join(folder, 'run'), { ...ending, ...brief })
  return await readRecord(join(folder, 'run'))
}

const bare = { script: '', style: '', more: null }
const pageFor = (record: RunRecord, results: Results = resultsOf(record, null)): string =>
  pageOf(jsonReport(record, results), drawnOf(record, results), bare)

describe('markup', () => {
  it('escapes all that is not markup itself', () => {
    const name = `</b><i title="x">'&`
    expect(html`<b>${name}</b>${html`<br>`}${null}${[1, 'a>b']}`.text).toBe(
      '<b>&lt;/b&gt;&lt;i title=&quot;x&quot;&gt;&#39;&amp;</b><br>1a&gt;b',
    )
  })
  it('holds JSON that cannot end its element', () => {
    const value = { name: '</script><!--<script>' }
    const { text } = jsonIn(value)
    expect(text).not.toContain('<')
    expect(JSON.parse(text)).toEqual(value)
  })
  it('shows a table up to its most rows, and says how many more there are', () => {
    const rows = [1, 2, 3].map((value) => [`row ${value}`, { value: value / 3, shown: value.toFixed(0) }])
    const { text = '' } = table({ caption: 'c', heads: ['name', 'n'], rows }, 2) ?? {}
    expect(text).toContain('<th scope="row">row 2</th><td data-v="0.6666666666666666">2</td>')
    expect(text).not.toContain('row 3')
    expect(text).toContain('and 1 more')
    expect(table({ caption: 'c', heads: ['name'], rows: [] })).toBe(null)
  })
})

describe('the page', () => {
  it('keeps names of every kind in their place', async () => {
    const evil = '</script><script>alert(1)</script>'
    const record = await recordOf({
      seconds: 2,
      head: {
        id: evil,
        plan: planOf([{ ...constant(1, 2), name: evil }], 1),
        script: {
          ...{ target: `http://${evil}`, file: evil, scenarios: [evil], warmUp: [], strict: false, quorum: 1 },
          thresholds: [],
        },
      },
      frame: () => ({
        counters: { launched: 1, requests: 1, [`requests{endpoint=${evil}}`]: 1, [`errors{error=${evil}}`]: 1 },
        samples: { response: [1_000] },
        failures: [{ code: evil, message: evil, scenario: evil, endpoint: evil, status: null, arrival: 0, second: 0 }],
      }),
    })
    const page = pageFor(record)
    expect(page.match(/<script/g)).toHaveLength(2)
    expect(page.match(/<\/script/g)).toHaveLength(2)
    expect(page.match(/alert\(1\)/g)?.length).toBeGreaterThan(10)
  })

  it('says by words and marks what became of the run', async () => {
    const counters = { launched: 1, completed: 1, requests: 1, responses: 1 }
    const passed = await recordOf({ seconds: 2, frame: () => ({ counters, samples: { response: [1_000] } }) })
    expect(pageFor(passed)).toContain('<h1><span aria-hidden="true">✓</span> Pass</h1>')
    const nothing = pageFor(await recordOf({ seconds: 1, frame: () => ({ counters: { launched: 1, requests: 1 } }) }))
    expect(nothing).toContain('<h1><span aria-hidden="true">?</span> Inconclusive</h1>')
    expect(nothing).toContain('was answered: nothing was measured but errors.')
    expect(nothing).toContain('<dd>–<small>nothing was measured</small></dd>')
  })

  it('of scenarios tried out shows their steps, and no latencies', async () => {
    const steps = [
      { step: 'GET /a', took: 1_500, asserted: [{ ok: false, said: 'status 200: was 500' }], error: null },
      { step: 'GET /b', took: 2_500, asserted: [], error: 'ECONNREFUSED' },
    ].map((step) => ({ ...step, arrival: 0, scenario: 'shop', status: null }))
    const base = await recordOf({ seconds: 1, frame: () => ({ counters: { launched: 1, requests: 2 } }) })
    const page = pageFor({ ...base, steps })
    expect(page).toContain('<caption>shop: FAIL</caption>')
    expect(page).toContain('<span class="bad">✗ status 200: was 500</span>')
    expect(page).toContain('<td data-v="1.5">1.50</td>')
    expect(page).not.toContain('id="latencies"')
    expect(page).not.toContain('id="charts"')
  })

  it('of an hour over a thousand workers is less than a megabyte, in at most 1,800 points', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `GET /a/rather/long/name/of/an/endpoint/${i}`)
    const record = await recordOf({
      seconds: 3_600,
      frame(second) {
        const name = names[second % names.length]
        const times = Array.from({ length: 60 }, (_, i) => 1_000 + ((second * 7_919 + i * 104_729) % 1_999_993))
        return {
          counters: {
            launched: 1,
            completed: 1,
            requests: 1_234,
            responses: 1_234,
            [`requests{endpoint=${name}}`]: 1_234,
          },
          samples: { response: times, service: times, lateness: times, [`response{endpoint=${name}}`]: times },
        }
      },
    })
    const results = resultsOf(record, null)
    const [worker] = results.workers
    if (worker === undefined) return expect.fail()
    const workers = Array.from({ length: 1_000 }, (_, slice) => ({ ...worker, slice, requests: 4_321_234 }))
    const drawn = drawnOf(record, results)
    expect([drawn.step, drawn.columns.second.length, drawn.heat.columns.length]).toEqual([2, 1_800, 300])
    // Percentiles of wider steps are of all that was measured in them.
    const [whole, first, second] = [results.steps.points[0], results.series[0], results.series[1]]
    expect(whole?.requests).toBe((first?.requests ?? 0) + (second?.requests ?? 0))
    expect(whole?.response.max).toBe(Math.max(first?.response.max ?? 0, second?.response.max ?? 0))

    const { outputFiles } = await build({ ...pageBuild, write: false, metafile: false })
    const asset = (ending: string): string => outputFiles?.find(({ path }) => path.endsWith(ending))?.text ?? ''
    const page = pageOf(jsonReport(record, { ...results, workers }), drawn, {
      ...{ script: asset('.js'), style: asset('.css'), more: null },
    })
    expect(asset('.js')).toContain('Permission is hereby granted')
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000)
    expect(page.match(/<tr>/g)?.length).toBeGreaterThan(1_040)
  })
})
