/**
 * Takes what is secret out of a text that somebody will read: names of metrics, error messages, log lines, what stands on the screen. One
 * for each process that writes any: it knows the secrets of its run (collect.ts), and those that show by their form (forms.ts). What it
 * does not know it leaves: SECURITY.md says what that is.
 */
import { formsIn, type Span } from './forms.ts'

const REDACTED = '[redacted]'

/** Shorter ones would be found everywhere; and numbers of fewer digits are counts of something else. */
const SHORTEST = 6
const FEWEST_DIGITS = 8
/** Values that are known at most, about 100 bytes each; of a longer list of passwords the rest is told by its names alone. */
const MOST = 200_000
/** Of what virtual users were given at run time, the latest so many at least: who was given one uses it now. */
const PASSING = 20_000

export class Redactor {
  private readonly known = new Values()
  private passing: { young: Values; old: Values } = { young: new Values(), old: new Values() }

  /** `values`: what is secret, as written. */
  learn(values: Iterable<string>): void {
    for (const value of values) if (this.known.size < MOST) this.known.add(value)
  }

  /** The same of what comes without end: the oldest are forgotten. */
  learnPassing(values: Iterable<string>): void {
    for (const value of values) {
      if (this.passing.young.size >= PASSING) this.passing = { young: new Values(), old: this.passing.young }
      this.passing.young.add(value)
    }
  }

  /** The text with a fixed word where something secret was. */
  readonly text = (text: string): string => {
    if (text.length < SHORTEST) return text
    const { known, passing } = this
    const spans = [known, passing.young, passing.old].flatMap((values) => values.spansIn(text))
    spans.push(...formsIn(text))
    return spans.length === 0 ? text : without(text, spans)
  }

  /** The same of all texts in a value of plain JSON, keys and all. */
  json<T>(value: T): T {
    return this.inner(value) as T
  }

  private inner(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((one) => this.inner(one))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [this.text(key), this.inner(one)]))
  }
}

/** Texts to be found in another one: by their beginning, then by their length, so that it is gone through once, however many there are. */
class Values {
  size = 0
  private readonly starts = new Map<string, Map<number, Set<string>>>()

  /** In all its spellings; not when it is so short that it would be found everywhere. */
  add(value: string): void {
    for (const spelling of spellings(value)) this.addOne(spelling)
  }

  spansIn(text: string): Span[] {
    const spans: Span[] = []
    if (this.size === 0) return spans
    for (let from = 0; from + SHORTEST <= text.length; from++) {
      const lengths = this.starts.get(text.slice(from, from + SHORTEST))
      if (lengths === undefined) continue
      for (const [length, values] of lengths) {
        if (values.has(text.slice(from, from + length))) spans.push({ from, to: from + length })
      }
    }
    return spans
  }

  private addOne(value: string): void {
    const isNumber = /^[\d.]*$/.test(value)
    if (value.length < (isNumber ? FEWEST_DIGITS : SHORTEST)) return
    const start = value.slice(0, SHORTEST)
    const lengths = this.starts.get(start) ?? new Map<number, Set<string>>()
    this.starts.set(start, lengths)
    const values = lengths.get(value.length) ?? new Set()
    lengths.set(value.length, values)
    if (values.has(value)) return
    values.add(value)
    this.size++
  }
}

/** As it is written in JSON and in URLs too; of several lines, each may stand alone. */
function spellings(value: string): Set<string> {
  const text = value.trim()
  const all = new Set([text])
  if (!/^[\w-]*$/.test(text)) {
    const json = JSON.stringify(text).slice(1, -1)
    all.add(json).add(JSON.stringify(json).slice(1, -1))
    const url = encoded(text)
    all.add(url).add(url.replaceAll('%20', '+'))
  }
  if (text.includes('\n')) for (const line of text.split('\n')) if (line.length >= LINE) all.add(line.trim())
  return all
}

const LINE = 16

/** Half a surrogate pair has no spelling in a URL. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    return text
  }
}

function without(text: string, spans: Span[]): string {
  spans.sort((a, b) => a.from - b.from)
  let redacted = ''
  let at = 0
  let until = -1
  for (const { from, to } of spans) {
    if (from > until) {
      redacted += (until === -1 ? '' : REDACTED) + text.slice(at, from)
      until = to
    }
    until = Math.max(until, to)
    at = until
  }
  return redacted + REDACTED + text.slice(at)
}
