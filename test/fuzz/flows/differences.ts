/** Where two outcomes differ, and the differences that are known and wanted, each with its reason. */
import type { Behaviour, Case } from './case.ts'
import type { Outcome } from './run.ts'

export type Difference = { at: string; theirs: string | undefined; ours: string | undefined }
type Pair = { plan: Case; theirs: Outcome; ours: Outcome }

/** `forgives`: whether the difference is of that kind. */
type Known = { why: string; forgives(difference: Difference, pair: Pair): boolean }

const REFUSED_COOKIES = /Set-Cookie: (?:nonsense|d=1; Domain=elsewhere|$)/
const behaviours = ({ answers }: Case): Behaviour[] => answers.flat()

/** What Artillery did send until then was the same. */
const isOtherRequest = ({ at, theirs }: Difference): boolean => /^user \d+ request/.test(at) && theirs !== undefined

const redirects = (plan: Case): boolean =>
  behaviours(plan).some(({ headers = [] }) => headers.some((line) => /^location:/i.test(line)))

const KNOWN: readonly Known[] = [
  {
    why: 'Artillery’s worker crashes; ours goes on',
    forgives: (difference, { theirs, ours }) =>
      theirs.crash !== null && ours.crash === null && !isOtherRequest(difference),
  },
  {
    why: 'Artillery’s virtual user never ends; ours does',
    forgives: (difference, { theirs, ours }) =>
      theirs.hung.length > 0 && ours.hung.length === 0 && !isOtherRequest(difference),
  },
  {
    why: 'a cookie that the jar refuses is counted and left out; got gives up a request that has a jar, unless the answer is whole by then',
    forgives: (_, { plan }) =>
      behaviours(plan).some(({ headers = [] }) => headers.some((line) => REFUSED_COOKIES.test(line))),
  },
  {
    why: 'bytes of answers without a content-length, compressed or with cookies are counted as they came',
    forgives: ({ at }, { plan }) =>
      at === 'counter artillery:http.downloaded_bytes' &&
      behaviours(plan).some(
        ({ framing, coding, first, status, headers = [] }) =>
          framing !== undefined ||
          coding !== undefined ||
          first !== undefined ||
          status === 204 ||
          headers.some((line) => /^set-cookie:/i.test(line)),
      ),
  },
  {
    why: 'a body that is no zstd is of no matter to who does not read it; got gives the request up',
    forgives: (_, { plan }) =>
      behaviours(plan).some(({ headers = [] }) => headers.some((line) => /^content-encoding: zstd/i.test(line))),
  },
  {
    why: 'a list where a body should be is refused; got streams its elements',
    forgives: (_, { ours }) => [...ours.table.values()].some((value) => value.includes("Option 'body'")),
  },
  {
    why: 'what follows an answer does not make it worse; got gives up the answer or not, and hooks for errors hear of it even so',
    forgives: (_, { plan, theirs }) =>
      behaviours(plan).some(({ lie = 0, garbage }) => lie < 0 || garbage !== undefined) &&
      [...theirs.table.keys()].some((at) => at.includes('HPE_')),
  },
  {
    why: 'the next request of a redirect is made when the answer is whole; got has made it, or counted it, before that',
    forgives: ({ at }, { plan, ours }) =>
      redirects(plan) &&
      /^(counter|samples|failure|said|user \d+ told)/.test(at) &&
      [...ours.table.values()].includes('failed'),
  },
  {
    why: 'and goes over the connection that the answer has left free, if it may; got has taken another one of the pool by then',
    forgives: ({ at, ours }, { plan }) =>
      redirects(plan) &&
      (!/^user \d+ request/.test(at) || (ours === undefined && /"(lie|stop)":/.test(JSON.stringify(plan)))) &&
      /^(user \d+ (connection|told|request)|counter |samples )/.test(at) &&
      /"pool":|Keep-Alive: timeout|Connection: close/i.test(JSON.stringify(plan)),
  },
  {
    why: 'which connections of a pool are taken is a race where the server closes them',
    forgives: ({ at }, { plan }) =>
      plan.together &&
      at.startsWith('samples tcp') &&
      /"(lie|stop|framing)":|Connection: close/.test(JSON.stringify(plan)),
  },
  {
    why: 'a header that cannot be sent is refused, also where cookies or credentials would have taken its place',
    forgives: (_, { plan, ours }) =>
      /"(cookie|authorization)"/.test(JSON.stringify(plan)) &&
      ours.table.has('counter artillery:errors.ERR_INVALID_CHAR'),
  },
  {
    why: 'a header of more than latin1 is sent as latin1, also when the request expects 100-continue',
    forgives: ({ at }, { plan }) => at.includes('request') && /"expect"/.test(JSON.stringify(plan)),
  },
  {
    why: 'the address of an answer has no credentials',
    forgives: ({ at, theirs = '', ours }) => at.includes('told') && theirs.replace(/\/\/[^/@"\\]*@/, '//') === ours,
  },
  {
    why: 'what cannot be sent is told in other words than got’s',
    forgives: ({ at, theirs = '' }) =>
      /^(failure|said|user \d+ told)/.test(at) && /Expected values? which|The \\?"chunk\\?" argument/.test(theirs),
  },
  {
    why: 'an address that is none is told as that, also when it is no text, or cookies were to be set for it',
    forgives: ({ theirs = '', ours = '', at }) =>
      /ERR_INVALID_URL|Invalid URL|startsWith is not|argument is not a string or URL/.test(`${at}${theirs}${ours}`),
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
