/**
 * The README's pictures: `npm run pictures`. The dashboard as SVG, from the made-up run that its tests draw; the HTML report as a
 * browser shows it, from a run of the quickstart scenario against the demo's target.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { startTarget } from '../demo/target.ts'
import { type Cell, lineWidth, type Tone } from '../src/dashboard/line.ts'
import { view } from '../src/dashboard/view.ts'
import { openChromium } from '../test/support/chromium.ts'
import { eventful, inputOf } from '../test/support/screens.ts'

const root = join(import.meta.dirname, '..')
const dashboardFile = join(root, 'docs/pictures/dashboard.svg')

const [COLUMNS, ROWS] = [116, 32]
/** Of one sign, in pixels. */
const [WIDE, HIGH, EDGE] = [7.2, 15, 12]
const BACKGROUND = '#1a1c20'
const COLOURS: Record<Tone, string> = {
  ...{ plain: '#d8d8d8', strong: '#ffffff', chosen: '#1a1c20', faint: '#8a8a8a' },
  ...{ good: '#5fafff', warn: '#ffaf00', bad: '#ff8700' },
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const widthOf = (text: string): number => lineWidth([{ text, tone: 'plain' }])

/** Every word at its own column: no font's idea of how wide a sign is moves the next one, and blanks need not be kept. */
function cellSvg({ text, tone }: Cell, column: number, row: number): string {
  const x = (columns: number): string => (EDGE + columns * WIDE).toFixed(1)
  const y = EDGE + row * HIGH
  const wide = (what: string): string => (widthOf(what) * WIDE).toFixed(1)
  const back = `<rect x="${x(column)}" y="${y}" width="${wide(text)}" height="${HIGH}" fill="${COLOURS.plain}"/>`
  const weight = tone === 'strong' || tone === 'bad' ? ' font-weight="bold"' : ''
  const words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => {
    const at = `x="${x(column + widthOf(text.slice(0, index)))}" y="${y + 11}" textLength="${wide(word)}"`
    return `<text ${at} lengthAdjust="spacingAndGlyphs" fill="${COLOURS[tone]}"${weight}>${escaped(word)}</text>`
  })
  return [...(tone === 'chosen' ? [back] : []), ...words].join('')
}

export function dashboardSvg(): string {
  const rows = view(inputOf(eventful, { size: [COLUMNS, ROWS] })).map((line, row) => {
    let column = 0
    return line
      .map((cell) => {
        const drawn = cellSvg(cell, column, row)
        column += widthOf(cell.text)
        return drawn
      })
      .join('')
  })
  const [width, height] = [COLUMNS * WIDE + 2 * EDGE, ROWS * HIGH + 2 * EDGE]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(1)} ${height}" font-family="Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="12">`,
    '<title>The dashboard of slsart over a run of twelve workers, one of them late, one silent and one lost</title>',
    `<rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>`,
    ...rows.filter((row) => row !== ''),
    '</svg>',
    '',
  ].join('\n')
}

export const dashboardPicture = (): string => readFileSync(dashboardFile, 'utf8')

/** The upper part of the report, as wide as a window. */
async function reportPng(): Promise<Buffer> {
  const target = await startTarget()
  const folder = mkdtempSync(join(tmpdir(), 'slsart-pictures-'))
  const browser = await openChromium()
  try {
    const script = join(root, 'scenarios/quickstart.yml')
    const args = ['invoke', '-p', script, '--local', '--target', target.url, '--workers', '4', '--seed', '7', '-q']
    await promisify(execFile)(process.execPath, [join(root, 'bin/slsart.js'), ...args, '-o', 'report.html'], {
      cwd: folder,
    })
    const page = await browser.newPage({ viewport: { width: 1100, height: 1500 } })
    await page.goto(pathToFileURL(join(folder, 'report.html')).href)
    return await page.screenshot()
  } finally {
    await browser.close()
    await target.close()
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) {
  writeFileSync(dashboardFile, dashboardSvg())
  writeFileSync(join(root, 'docs/pictures/report.png'), await reportPng())
}
