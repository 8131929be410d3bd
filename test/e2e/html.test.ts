/** The HTML report as its readers see it: in a browser, by keyboard, on paper, without JavaScript, without a network. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { openChromium } from '../support/chromium.ts'
import { type Report, readReport, run, workFolder } from '../support/cli.ts'

const EVIL = '</script><img src=http://127.0.0.1:9/x onerror=alert(1)>'
const script = (target: string, seconds: number): string => `config:
  target: ${target}
  phases: [{ name: up, duration: 1, arrivalRate: 5, rampTo: 20 }, { name: peak, duration: ${seconds}, arrivalRate: 20 }]
  slsart: { thresholds: [p99 < 5000, errors == 0] }
scenarios:
  - name: "${EVIL}"
    flow: [{ get: { url: /items/1 } }, { get: { url: /flaky, expect: { statusCode: 200 } } }]
  - name: slow
    flow: [{ get: { url: /slow, name: "${EVIL}" } }, { get: { url: /flaky, match: { json: $.a, value: 1 } } }]
`

let browser: Browser
let report: Report
let url: string

beforeAll(async () => {
  browser = await openChromium()
  const target = await startTarget()
  const folder = workFolder({ 'script.yml': script(target.url, 2) })
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-q']
  const before = await run(folder, [...args, '-o', 'report.json'])
  expect(before.stderr).toBe('')
  const { id } = readReport(folder).run
  await run(folder, [...args, '-o', 'report.json', '-o', 'report.html', '--baseline', id])
  await target.close()
  report = readReport(folder)
  url = pathToFileURL(join(folder, 'report.html')).href
}, 60_000)

afterAll(() => browser.close())

type Opened = { page: Page; asked: string[]; said: string[] }

/** `asked`: every address that the page wanted; `said`: what went to its console, errors above all. */
async function open(options: Parameters<Browser['newPage']>[0] = {}): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
  const asked: string[] = []
  const said: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => said.push(message.text()))
  page.on('pageerror', (error) => said.push(error.message))
  page.on('dialog', (dialog) => said.push(dialog.message()))
  await page.goto(url)
  return { page, asked, said }
}

type Cell = string | number | null

const rowsOf = (caption: string): string =>
  `[...[...document.querySelectorAll('table')].find((table) => table.caption.textContent === ${JSON.stringify(caption)}).tBodies[0].rows]`

/** A table's body: numbers as they are kept, everything else as it is shown. */
const cells = (page: Page, caption: string): Promise<Cell[][]> =>
  page.evaluate(`${rowsOf(caption)}.map((row) => [...row.cells].map(({ dataset: { v }, textContent }) =>
    v === undefined ? textContent : v === '' ? null : Number(v)))`)

const shown = (page: Page, caption: string): Promise<string[][]> =>
  page.evaluate(`${rowsOf(caption)}.map((row) => [...row.cells].map(({ textContent }) => textContent))`)

type Latency = Report['latency_ms']['response']
const points = (l: Latency): number[] => [l.min, l.mean, l.p50, l.p75, l.p90, l.p95, l.p99, l.p999, l.max]
const exchanges = ({ requests, responses, failures, latency_ms: { response, service } }: Exchanges): number[] => [
  ...[requests, responses, failures],
  ...[response.p50, response.p95, response.p99, response.max, service.p99],
]
type Exchanges = Report['endpoints'][number]

test('asks the network for nothing, and says nothing on the console', async () => {
  const { page, asked, said } = await open()
  await page.locator('#curve canvas').waitFor()
  await page.locator('summary').click()
  await page.locator('#points table').waitFor()
  expect(asked).toEqual([url])
  expect(said).toEqual([])
  expect(await page.locator('canvas').count()).toBe(4)
  expect(await page.locator('img').count()).toBe(0)
  await page.close()
})

test('has the numbers of the JSON report', async () => {
  const { page } = await open()
  const { ledger, latency_ms, breakdown_ms, endpoints, errors, workers, series, verdict, totals } = report
  expect(verdict.result).toBe('fail')
  expect(await page.locator('h1').innerText()).toBe('✗ Fail')
  expect(await page.locator('.verdict li').allInnerTexts()).toEqual(verdict.reasons.map(({ message }) => message))
  expect(await page.locator('.verdict').innerText()).toContain(`Trust: ${verdict.trust}.`)
  expect(await page.locator('.tiles dd').first().innerText()).toMatch(`${ledger.launched}\nof ${ledger.due} due`)

  const { due, launched, skipped, lost, completed, failed, unfinished } = ledger
  expect(await cells(page, 'Virtual users')).toEqual([[due, launched, skipped, lost, completed, failed, unfinished]])
  const latencies = Object.entries({ ...latency_ms, 'first byte': breakdown_ms.firstByte, TCP: breakdown_ms.tcp })
  expect(await cells(page, 'Latencies in ms')).toEqual(
    latencies.flatMap(([name, latency]) => (latency ? [[name, latency.count, ...points(latency)]] : [])),
  )
  const two = (n: number): string => n.toFixed(n < 100 ? 2 : 0)
  const [first] = await shown(page, 'Latencies in ms')
  expect(first).toEqual(['response', String(latency_ms.response.count), ...points(latency_ms.response).map(two)])
  expect(await cells(page, 'By endpoint, latencies in ms')).toEqual(
    endpoints.map(({ endpoint, ...all }) => [endpoint, ...exchanges({ endpoint, ...all })]),
  )
  expect(endpoints.map(({ endpoint }) => endpoint)).toContain(EVIL)
  const failures = await cells(page, 'Errors, and of each the earliest virtual user that failed by it')
  expect(failures).toEqual(
    errors.map(({ code, count, sample: s }) =>
      s === null
        ? [code, count, '–', '–', '–', '–', '–', 'failed no virtual user']
        : [code, count, s.arrival, expect.any(Number), s.scenario, s.endpoint ?? '–', s.status, s.message],
    ),
  )
  expect(failures.length).toBeGreaterThan(0)
  const fleet = await cells(page, 'What each worker did, and how it fared')
  expect(fleet.map(([slice, , due]) => [slice, due])).toEqual(
    workers.each.map(({ slice, ledger }) => [slice, ledger.due]),
  )

  await page.locator('summary').click()
  await page.locator('#points table').waitFor()
  const drawn = await cells(page, 'Second by second')
  expect(drawn.map((row) => row[0])).toEqual(series.map(({ second }) => second))
  expect(drawn.reduce((sum, row) => sum + Number(row[2]), 0)).toBe(totals.requests)
  for (const [i, { response }] of series.entries()) expect(drawn[i]?.[5]).toBe(response.max === 0 ? null : response.p50)
  await page.close()
})

test('shows the baseline beside the run', async () => {
  const { page } = await open()
  const { baseline, latency_ms, totals } = report
  if (baseline === null) return expect.fail()
  const rows = await cells(page, 'This run and the baseline')
  const [here, there] = [latency_ms.response.p50, baseline.latency_ms.response.p50]
  expect(rows[0]).toEqual(['response p50, ms', here, there, ((here - there) / there) * 100])
  expect(rows.at(-3)).toEqual(['requests', totals.requests, totals.requests, 0])
  const byEndpoint = await cells(page, 'Response times in ms by endpoint, this run and the baseline')
  expect(byEndpoint.map(([name, p50, before]) => [name, p50, before])).toEqual(
    report.endpoints.map(({ endpoint, latency_ms: { response } }) => [
      endpoint,
      response.p50,
      baseline.endpoints.find((other) => other.endpoint === endpoint)?.latency_ms.response.p50,
    ]),
  )
  expect((await cells(page, 'Requests by endpoint, this run and the baseline'))[0]?.slice(0, 3)).toEqual([
    report.endpoints[0]?.endpoint,
    report.endpoints[0]?.requests,
    baseline.endpoints.find(({ endpoint }) => endpoint === report.endpoints[0]?.endpoint)?.requests,
  ])
  await page.close()
})

test.each(['light', 'dark'] as const)('passes axe in %s colours, wide and narrow', async (colorScheme) => {
  for (const width of [1280, 400]) {
    const { page } = await open({ colorScheme, viewport: { width, height: 900 } })
    await page.locator('#curve canvas').waitFor()
    await page.locator('summary').click()
    await page.locator('#points table').waitFor()
    await page.evaluate(axe.source)
    const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(grave.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
    // Nothing but tables scrolls sideways.
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await page.close()
  }
})

test('can be used by keyboard alone', async () => {
  const { page } = await open()
  const all: number = await page.evaluate(
    `[...document.querySelectorAll('a, button, input, summary, [tabindex="0"]')].filter((e) => e.checkVisibility()).length`,
  )
  await page.evaluate('globalThis.reached = new Set()')
  for (let i = 0; i < all; i++) {
    await page.keyboard.press('Tab')
    await page.evaluate('reached.add(document.activeElement)')
  }
  expect(await page.evaluate('reached.size')).toBe(all)
  expect(await page.evaluate('reached.has(document.body)')).toBe(false)

  const before = await picture(page, 'latency')
  await page.getByLabel('from').fill('1')
  await page.keyboard.press('Enter')
  await expect.poll(() => picture(page, 'latency')).not.toBe(before)
  await page.getByRole('button', { name: 'Whole run' }).press('Enter')
  await expect.poll(() => picture(page, 'latency')).toBe(before)

  const heads = page.locator('#endpoints ~ .scroll thead th')
  const column = async (): Promise<number[]> =>
    (await cells(page, 'By endpoint, latencies in ms')).map((row) => Number(row[4]))
  await heads.nth(4).locator('button').press('Enter')
  expect(await heads.nth(4).getAttribute('aria-sort')).toBe('descending')
  expect(await column()).toEqual((await column()).toSorted((a, b) => b - a))
  await heads.nth(4).locator('button').press('Space')
  expect(await heads.nth(4).getAttribute('aria-sort')).toBe('ascending')
  expect(await column()).toEqual((await column()).toSorted((a, b) => a - b))
  await page.close()
})

const picture = (page: Page, id: string): Promise<string> =>
  page.evaluate(`document.querySelector('#${id} canvas').toDataURL()`)

test('zooms all charts over time by a brush on one, and back', async () => {
  const { page } = await open()
  const ids = ['load', 'latency', 'heat', 'curve']
  const before = await Promise.all(ids.map((id) => picture(page, id)))
  const from = page.getByLabel('from')
  const whole = await from.inputValue()
  await page.locator('#load .u-over').scrollIntoViewIfNeeded()
  const box = await page.locator('#load .u-over').boundingBox()
  if (box === null) return expect.fail()
  await page.mouse.move(box.x + box.width / 2, box.y + 50)
  await page.mouse.down()
  await page.mouse.move(box.x + (box.width * 3) / 4, box.y + 60, { steps: 4 })
  await page.mouse.up()
  await expect.poll(async () => Number(await from.inputValue())).toBeGreaterThan(Number(whole) + 0.5)
  const changed = async (): Promise<boolean[]> =>
    Promise.all(ids.map(async (id, i) => (await picture(page, id)) !== before[i]))
  await expect.poll(changed).toEqual([true, true, true, false])
  expect(await page.locator('#load .readout').innerText()).toMatch(/^\d s: virtual users \d+ a second, requests/)
  await page.mouse.dblclick(box.x + 20, box.y + 50)
  await expect.poll(() => from.inputValue()).toBe(whole)

  await page.getByRole('button', { name: 'response max', exact: true }).click()
  await expect.poll(async () => (await picture(page, 'latency')) !== before[1]).toBe(true)
  await page.close()
})

test('goes to paper in light colours, and back', async () => {
  const { page, said } = await open({ colorScheme: 'dark' })
  const before = await picture(page, 'load')
  const pdf = await page.pdf({ format: 'A4' })
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
  expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(1)
  await expect.poll(() => picture(page, 'load')).toBe(before)
  await page.emulateMedia({ media: 'print' })
  expect(await page.locator('nav').isVisible()).toBe(false)
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)')
  expect(said).toEqual([])
  await page.close()
})

test('says the same without JavaScript, but for the charts', async () => {
  const { page, said } = await open({ javaScriptEnabled: false })
  expect(await page.locator('h1').innerText()).toBe('✗ Fail')
  expect(await page.locator('table').first().isVisible()).toBe(true)
  expect(await page.getByText('The charts need JavaScript').isVisible()).toBe(true)
  expect(await page.locator('#drawings').isVisible()).toBe(false)
  expect(await page.locator('button:visible').count()).toBe(0)
  // The policy lets in the page's own script and style, and nothing else.
  expect(readFileSync(new URL(url), 'utf8')).toContain("default-src 'none'")
  expect(said).toEqual([])
  await page.close()
})
