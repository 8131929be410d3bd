/** Where two outcomes differ, and the differences that are known and wanted, each with its reason. */
import type { Behaviour, Case } from './case.ts'
import type { Outcome } from './run.ts'

export type Difference = { at: string; theirs: string | undefined; ours: string | undefined }
type Pair = { plan: Case; theirs: Outcome; ours: Outcome }

/** `forgives`: whether the difference is of that kind. */
type Known = { why: string; forgives(difference: Difference, pair: Pair): boolean }

const behaviours = ({ answers }: Case): Behaviour[] => answers.flat()

export const KNOWN: readonly Known[] = [
  {
    why: 'Artillery’s worker crashes; ours goes on',
    forgives: (_, { theirs, ours }) => theirs.crash !== null && ours.crash === null,
  },
  {
    why: 'Artillery’s virtual user never ends; ours does',
    forgives: (_, { theirs, ours }) => theirs.hung.length > 0 && ours.hung.length === 0,
  },
  {
    why: 'bytes of answers without a content-length are counted',
    forgives: ({ at }, { plan }) =>
      at === 'counter artillery:http.downloaded_bytes' &&
      behaviours(plan).some(({ framing, first, status }) => framing !== undefined || first !== undefined || status === 204),
  },
]

/** Theirs beside ours, without what is known; and which of the known there were. */
export function differencesOf(pair: Pair): { left: Difference[]; known: Set<string> } {
  const { theirs, ours } = pair
  const known = new Set<string>()
  const names = [...new Set([...theirs.table.keys(), ...ours.table.keys()])].toSorted()
  const all = names.map((at) => ({ at, theirs: theirs.table.get(at), ours: ours.table.get(at) }))
  const left = all.filter((difference) => {
    if (difference.theirs === difference.ours) return false
    const reason = KNOWN.find(({ forgives }) => forgives(difference, pair))
    if (reason !== undefined) known.add(reason.why)
    return reason === undefined
  })
  if (ours.crash !== null) left.push({ at: 'crash', theirs: theirs.crash ?? undefined, ours: ours.crash })
  if (ours.hung.length > 0 && theirs.hung.length > 0) left.push({ at: 'hung', theirs: String(theirs.hung), ours: String(ours.hung) })
  return { left, known }
}
