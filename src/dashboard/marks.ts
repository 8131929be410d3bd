/** Signs and colours: one table each for terminals that know Unicode and for those that do not, for none, 16 and 256 colours. */
import type { Standing } from '../run/standing.ts'
import type { Tone } from './line.ts'

export type Marks = {
  worker: Record<Standing, string>
  holds: string
  fails: string
  unknown: string
  /** From nothing to everything. */
  bars: readonly string[]
  density: readonly string[]
  rule: string
  seam: string
  ellipsis: string
  dot: string
  chosen: string
  sorted: string
  to: string
}

export const unicode: Marks = {
  worker: { ok: '■', late: '◪', silent: '▨', lost: '□', waiting: '·', starting: '▫', done: '▪', cancelled: '-' },
  ...{ holds: '■', fails: '◪', unknown: '·' },
  bars: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  density: [' ', '·', '░', '▒', '▓', '█'],
  ...{ rule: '─', seam: '│', ellipsis: '…', dot: ' · ', chosen: '›', sorted: '▾', to: '→' },
}

export const ascii: Marks = {
  worker: { ok: '#', late: '!', silent: '?', lost: 'x', waiting: '.', starting: '+', done: '=', cancelled: '-' },
  ...{ holds: '#', fails: '!', unknown: '.' },
  bars: [' ', '_', '.', '-', '=', '+', '*', '#'],
  density: [' ', '.', ':', '+', '*', '#'],
  ...{ rule: '-', seam: '|', ellipsis: '~', dot: ' - ', chosen: '>', sorted: 'v', to: '->' },
}

type Env = Readonly<Record<string, string | undefined>>

/** The first of these that is set says what the terminal can show. */
export function marksFor(env: Env, wantsAscii: boolean): Marks {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '') ?? ''
  return wantsAscii || !/utf-?8/i.test(locale) ? ascii : unicode
}

/** Bits of colour, as Node tells them: 1 for none, 4 for 16, more for 256 and beyond. */
export type Depth = number

const FEW: Record<Tone, string> = {
  ...{ plain: '', strong: '1', chosen: '7', faint: '90', good: '94', warn: '33', bad: '1;33' },
}
/** Blue, orange and grey are told apart by people who do not see red and green. */
const MANY: Record<Tone, string> = {
  ...FEW,
  ...{ faint: '38;5;245', good: '38;5;75', warn: '38;5;214', bad: '1;38;5;208' },
}
/** Weight and reversal are no colours. */
const NONE: Record<Tone, string> = { ...FEW, faint: '', good: '', warn: '', bad: '1' }

/** A text in the terminal's own signs for its tone. */
export function painted(text: string, tone: Tone, depth: Depth): string {
  const codes = depth >= 8 ? MANY : depth >= 4 ? FEW : NONE
  return codes[tone] === '' ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`
}
