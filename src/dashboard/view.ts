/**
 * The dashboard as data: what is known of a run, and what the person at the terminal wants to see, to the lines of a screen of exactly its
 * size. No clock, no terminal; panels/screen.tsx only draws what comes out of here.
 *
 *   under 60 columns, or 8 lines   three lines
 *   from 60                        one column of panels
 *   from 116                       two
 */
import { ageOf, type Input, isStale } from './input.ts'
import { beside, GUTTER, type Panel, stack } from './layout.ts'
import { cell, fitted, type Line, line, toned } from './line.ts'
import { ms, perSecond } from './numbers.ts'
import { endpointRows, endpointsPanel, endpointsTab } from './parts/endpoints.ts'
import { errorRows, errorsTab } from './parts/errors.ts'
import { eventRows, eventsPanel, eventsTab } from './parts/events.ts'
import { footer, promptOf } from './parts/footer.ts'
import { header, phaseBar, stageOf } from './parts/header.ts'
import { heatmapPanel } from './parts/heatmap.ts'
import { helpPanel } from './parts/help.ts'
import { latencyPanel } from './parts/latency.ts'
import { inFlightOf, loadPanel, meansOf } from './parts/load.ts'
import { planTab } from './parts/plan.ts'
import { thresholdsPanel } from './parts/thresholds.ts'
import { workerRows, workersPanel, workersTab } from './parts/workers.ts'

const ONE_COLUMN = 60
const TWO_COLUMNS = 116
const LEAST_ROWS = 8

/** Exactly as many lines as the terminal has, each exactly as wide. */
export function view(input: Input): Line[] {
  const { columns, rows } = input.size
  if (columns < ONE_COLUMN || rows < LEAST_ROWS) return brief(input)
  const foot = footer(input)
  // All keys must fit on 24 lines.
  if (input.ui.help) return [...stack([helpPanel(input)], { width: columns, height: rows - 1 }, input.marks), foot]
  const head = [...header(input), ...phaseBar(input)]
  return [...head, ...body(input, rows - head.length - 1), foot]
}

function body(input: Input, height: number): Line[] {
  const { size, marks, ui } = input
  const width = size.columns
  if (ui.tab !== 'overview') {
    const panels = tabOf(input, height).map((panel) => filtered(panel, ui.filter))
    return stack(panels, { width, height }, marks)
  }
  const thresholds = thresholdsPanel(input)
  const asOld = (panel: Panel): Panel => aged(panel, input)
  const first = [asOld(loadPanel(input)), asOld(latencyPanel(input)), ...(thresholds === null ? [] : [thresholds])]
  const second = [workersPanel(input), asOld(endpointsPanel(input)), asOld(heatmapPanel(input))]
  if (width < TWO_COLUMNS) return stack([...first, ...second, eventsPanel(input)], { width, height }, marks)
  const left = Math.floor((width - GUTTER) / 2)
  return beside(
    stack([...first, eventsPanel(input)], { width: left, height }, marks),
    stack(second, { width: width - GUTTER - left, height }, marks),
  )
}

/** Grey when it tells of what was, not of what is. */
const aged = (panel: Panel, input: Input): Panel =>
  isStale(input)
    ? { ...panel, lines: (width, height) => panel.lines(width, height).map((own) => toned(own, 'faint')) }
    : panel

/** Whoever has forgotten the filter must see why rows are missing. */
const filtered = (panel: Panel, filter: string): Panel =>
  filter === '' ? panel : { ...panel, title: `${panel.title} with "${filter}"` }

function tabOf(input: Input, height: number): Panel[] {
  switch (input.ui.tab) {
    case 'overview':
      return []
    case 'workers':
      return workersTab(input)
    case 'endpoints':
      return endpointsTab(input).map((panel) => aged(panel, input))
    case 'errors':
      return errorsTab(input)
    case 'heatmap':
      return [aged(heatmapPanel(input, height), input)]
    case 'plan':
      return planTab(input)
    case 'events':
      return eventsTab(input)
  }
}

/** Rows of the table that is shown, for the cursor; null when there is none. */
export function rowsShown(input: Input): number | null {
  switch (input.ui.tab) {
    case 'workers':
      return workerRows(input).length
    case 'endpoints':
      return endpointRows(input).length
    case 'errors':
      return errorRows(input).length
    case 'events':
      return eventRows(input).length
    default:
      return null
  }
}

/** How the run stands, what it sends, what comes back. What is asked takes the place of the last. */
function brief(input: Input): Line[] {
  const { size, marks, state } = input
  const means = meansOf(input)
  const response = state.totals.histogram('response')
  const at = (percent: number): string => (response.count === 0 ? '-' : ms(response.percentile(percent)))
  const stale = isStale(input)
  const tone = stale ? 'faint' : 'plain'
  const lines: Line[] = [
    [cell(' '), ...stageOf(input), ...(stale ? [cell(` ${ageOf(input)?.toFixed(0)} s old`, 'bad')] : [])],
    line(` ${perSecond(means.launched)} sent, ${perSecond(means.errors)} errors, ${inFlightOf(input)} in flight`, tone),
    promptOf(input) ?? line(` p50 ${at(50)}  p95 ${at(95)}  p99 ${at(99)} ms`, tone),
  ]
  // The question must be seen on a terminal of one line, too.
  const shown = promptOf(input) === null ? lines.slice(0, size.rows) : lines.slice(-size.rows)
  const blank = Array<Line>(Math.max(0, size.rows - shown.length)).fill([])
  return [...shown, ...blank].map((own) => fitted(own, size.columns, marks.ellipsis))
}
