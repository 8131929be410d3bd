/** Where two outcomes differ, and the differences that are known and wanted, each with its reason. */
import type { Behaviour, Case } from './case.ts'
import type { Outcome } from './run.ts'

export type Difference = { at: string; theirs: string | undefined; ours: string | undefined }
type Pair = { plan: Case; theirs: Outcome; ours: Outcome }

/** `forgives`: whether the difference is of that kind. */
type Known = { why: string; forgives(difference: Difference, pair: Pair): boolean }

const REFUSED_COOKIES = /Set-Cookie: (?:nonsense|d=1; Domain=elsewhere|$)/
const behaviours = ({ answers }: Case): Behaviour[] => answers.flat()

const KNOWN: readonly Known[] = [
  {
    why: 'Artillery’s worker crashes; ours goes on',
    forgives: (_, { theirs, ours }) => theirs.crash !== null && ours.crash === null,
  },
  {
    why: 'Artillery’s virtual user never ends; ours does',
    forgives: (_, { theirs, ours }) => theirs.hung.length > 0 && ours.hung.length === 0,
  },
  {
    why: 'a cookie that the jar refuses is counted and left out; got gives up a request that has a jar, unless the answer is whole by then',
    forgives: (_, { plan }) =>
      behaviours(plan).some(({ headers = [] }) => headers.some((line) => REFUSED_COOKIES.test(line))),
  },
  {
    why: 'what cannot be sent is told in other words than got’s',
    forgives: ({ at, theirs = '' }) =>
      /^(failure ERR_GOT_REQUEST_ERROR|said)/.test(at) && /Expected values? which/.test(theirs),
  },
  {
    why: 'an address that is none is told as that, also when it is no text, or cookies were to be set for it',
    forgives: ({ theirs = '', ours = '', at }) =>
      /ERR_INVALID_URL|Invalid URL|startsWith is not/.test(`${at}${theirs}${ours}`),
  },
  {
    why: 'bytes of answers without a content-length, or compressed, are counted as they came',
    forgives: ({ at }, { plan }) =>
      at === 'counter artillery:http.downloaded_bytes' &&
      behaviours(plan).some(
        ({ framing, coding, first, status }) =>
          framing !== undefined || coding !== undefined || first !== undefined || status === 204,
      ),
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
  if (ours.hung.length > 0 && theirs.hung.length > 0)
    left.push({ at: 'hung', theirs: String(theirs.hung), ours: String(ours.hung) })
  return { left, known }
}
