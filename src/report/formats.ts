/** What a finished run can be written as, by the ending of the file's name. */
import type { RunRecord } from '../run/record.ts'
import { csvReport } from './csv.ts'
import { hlogReport } from './hdr.ts'
import { htmlReport } from './html.ts'
import { jsonReport } from './json.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import { type LeftOut, resultsOf } from './results.ts'

export const KINDS = ['.json', '.xml', '.html', '.md', '.csv', '.hlog'] as const
export type Kind = (typeof KINDS)[number]

/** Each format once, when it is asked for. */
export function reportsOf(record: RunRecord, leftOut: LeftOut | null): (kind: Kind) => string {
  const results = resultsOf(record, leftOut)
  const make: Record<Kind, () => string> = {
    '.json': () => `${JSON.stringify(jsonReport(record, results), null, 2)}\n`,
    '.xml': () => junitReport(record),
    '.html': () => htmlReport(record, results),
    '.md': () => markdownReport(record, leftOut),
    '.csv': () => csvReport(results),
    '.hlog': () => hlogReport(record),
  }
  const made = new Map<Kind, string>()
  return (kind) => {
    const text = made.get(kind) ?? make[kind]()
    made.set(kind, text)
    return text
  }
}
