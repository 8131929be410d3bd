/**
 * The HTML report: one file that asks the network for nothing. What it says stands in it as plain HTML, from the JSON report;
 * its script (src/report/page, bundled into dist/) adds charts, zoom and sorting to what is there.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { RunRecord } from '../run/record.ts'
import { leftOutText, trustText, verdictText } from './advice.ts'
import { int, ms } from './cells.ts'
import { drawnOf } from './drawing.ts'
import { jsonReport } from './json.ts'
import { html, jsonIn, Markup } from './markup.ts'
import type { Drawn } from './page/drawn.ts'
import type { Results } from './results.ts'
import type { ReportJson } from './schema.ts'
import { isLoad, sectionsOf } from './sections.ts'

/** What the page brings with it. */
export type Assets = { script: string; style: string }

export function htmlReport(record: RunRecord, results: Results): string {
  const beside = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
  const assets = { script: beside('page.js'), style: beside('page.css') }
  const json = jsonReport(record, results)
  const { leftOut } = results
  return pageOf(json, drawnOf(record, results), {
    ...assets,
    more: leftOut === null ? null : leftOutText(leftOut, json.latency_ms.response),
  })
}

const GLYPHS = { pass: '✓', fail: '✗', inconclusive: '?' }

/** `more`: a sentence on the workers that were not ok, if any. */
export function pageOf(
  json: ReportJson,
  drawn: Drawn,
  { script, style, more }: Assets & { more: string | null },
): string {
  const { run, verdict } = json
  const sections = sectionsOf(json, charts)
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${verdict.result}: ${basename(run.script)}, ${run.id}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#result">Skip to the result</a>
<header>
<p>Load test of <strong>${run.target}</strong></p>
<p class="quiet">script <code>${basename(run.script)}</code> · run <code>${run.id}</code> · ${instant(run.startedAt)} · seed ${run.seed} · engine ${run.engine}</p>
</header>
<main id="result" tabindex="-1">
${verdictOf(json, more)}
${numbersOf(json)}
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
${sections.map(({ id, title, body }) => html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${body}</section>\n`)}
</main>
<footer><p>Written by slsart. The same numbers, and more of them, are in the JSON report.</p></footer>
<script type="application/json" id="drawn">${jsonIn(drawn)}</script>
<script>${new Markup(script)}</script>
</body>
</html>
`
  return page.text
}

/** As a Content-Security-Policy names what it lets in. */
const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

const instant = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`

function verdictOf(
  { verdict, thresholds, acceptance, monitoring, exit, after }: ReportJson,
  more: string | null,
): Markup {
  const { result, trust, reasons } = verdict
  const whys = [...reasons.map(({ message }) => message), ...(more === null ? [] : [more])]
  return html`<div class="verdict ${result}">
<h1><span aria-hidden="true">${GLYPHS[result]}</span> ${result[0]?.toUpperCase() ?? ''}${result.slice(1)}</h1>
<p class="lead">${verdictText(result, { thresholds, tried: acceptance !== null, sampled: monitoring !== null, reasons: whys.length })}</p>
${whys.length === 0 ? null : html`<ul>${whys.map((why) => html`<li>${why}</li>`)}</ul>`}
${after === null || after.problem === null ? null : html`<p>After the load: ${after.problem}</p>`}
<p><strong>Trust: ${trust}.</strong> ${trustText(trust)} <span class="quiet">Exit code ${exit.code}.</span></p>
</div>`
}

/** The few numbers to begin with. */
function numbersOf({ run, ledger, totals, latency_ms: { response }, workers, ...json }: ReportJson): Markup {
  const seconds = (Date.parse(run.endedAt) - Date.parse(run.startedAt)) / 1000
  const latency = (value: number, note: string): [string, string] =>
    response.count === 0 ? ['–', 'nothing was measured'] : [`${ms(value)} ms`, note]
  const share = totals.requests === 0 ? '' : ` (${((totals.failures / totals.requests) * 100).toFixed(2)} %)`
  const tiles = [
    ['Virtual users', int(ledger.launched), `of ${int(ledger.due)} due, ${int(ledger.failed)} failed`],
    ['Requests', int(totals.requests), `${int(totals.failures)} failed${share}`],
    ...(isLoad(json)
      ? [
          ['Response time, median', ...latency(response.p50, 'half were at most this')],
          ['Response time, p99', ...latency(response.p99, '1 in 100 took longer')],
        ]
      : []),
    ['Lasted', `${seconds.toFixed(1)} s`, `${int(workers.planned)} ${workers.planned === 1 ? 'worker' : 'workers'}`],
  ]
  return html`<dl class="tiles">${tiles.map(([name = '', value = '', note = '']) => html`<div><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`)}</dl>`
}

/** The script fills what is empty here, and shows what is hidden. */
const charts = html`<p id="no-drawings">The charts need JavaScript, which is off here. The tables have the numbers.</p>
<div id="drawings" hidden>
<form class="zoom"><fieldset><legend>Zoom: drag across a chart, or say from when to when</legend>
<label>from <input type="number" name="from" step="any"> s</label>
<label>to <input type="number" name="to" step="any"> s</label>
<button type="button">Whole run</button></fieldset></form>
<figure id="load"><figcaption>Load: virtual users launched, requests and failures a second</figcaption></figure>
<figure id="latency"><figcaption>Response time (solid) and service time (dashed), ms, on a logarithmic scale</figcaption></figure>
<figure id="heat"><figcaption>Heat map: how many responses took how long, when; the stronger the colour, the more</figcaption></figure>
<figure id="curve"><figcaption>Percentiles: how long the fastest 50 %, 90 %, 99 % … took at most, ms</figcaption></figure>
<details id="points"><summary>The charts' numbers as a table</summary></details>
</div>`
