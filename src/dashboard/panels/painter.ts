/**
 * Puts a screen's lines on the terminal, and of the next screen those that have changed. Not by ink, which measures and lays out each sign of
 * all lines for each screen: 100 ms of 200 × 60 when nothing was compiled yet, in which no worker was heard (docs/decisions/004).
 */
import type { Line } from '../line.ts'
import { type Depth, painted } from '../marks.ts'

/** The terminal shows what comes between them at once, when it can. Without wrapping, a sign that it finds wider than we do costs its own line's end only. */
const BEGIN = '\u001b[?2026h\u001b[?7l'
/** The cursor is left at the top, where what ink writes, a line's end, moves nothing. */
const END = '\u001b[?7h\u001b[H\u001b[?2026l'

export class Painter {
  private readonly output: Pick<NodeJS.WriteStream, 'write'>
  private readonly depth: Depth
  private shown: readonly string[] = []

  constructor(output: Pick<NodeJS.WriteStream, 'write'>, depth: Depth) {
    this.output = output
    this.depth = depth
  }

  /** `lines`: from the top, all of them. */
  paint(lines: readonly Line[]): void {
    const next = lines.map((line) => paintedLine(line, this.depth))
    const changed = next.map((text, row) => (text === this.shown[row] ? '' : `\u001b[${row + 1}H${text}`)).join('')
    if (changed !== '') this.output.write(`${BEGIN}${changed}${END}`)
    this.shown = next
  }

  /** The terminal may show something else by now: all lines are painted next. */
  forget(): void {
    this.shown = []
  }
}

export const paintedLine = (line: Line, depth: Depth): string =>
  line.map(({ text, tone }) => painted(text, tone, depth)).join('')
