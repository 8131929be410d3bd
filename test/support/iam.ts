/** Evaluates IAM policies as AWS documents it: a Deny that fits wins, else an Allow that fits, else nothing is allowed. */
import type { Policy, Statement } from '../../src/stack/policies.ts'

export type Request = { action: string; resource: string; context?: Record<string, string> }

export function isAllowed(policies: readonly Policy[], request: Request): boolean {
  const fitting = policies.flatMap(({ Statement }) => Statement).filter((statement) => fits(statement, request))
  return fitting.length > 0 && fitting.every(({ Effect }) => Effect === 'Allow')
}

const fits = ({ Action, Resource = '*', Condition = {} }: Statement, request: Request): boolean =>
  [Action].flat().some((pattern) => matches(pattern.toLowerCase(), request.action.toLowerCase())) &&
  [Resource].flat().some((pattern) => matches(textOf(pattern), request.resource)) &&
  Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => holds(operator, [values].flat().map(textOf), request.context?.[key])),
  )

function holds(operator: string, wanted: readonly string[], found: string | undefined): boolean {
  if (found === undefined) return operator.endsWith('IfExists')
  const kind = operator.replace(/IfExists$/, '')
  if (kind === 'StringEquals' || kind === 'Bool') return wanted.includes(found)
  if (kind === 'StringLike' || kind === 'ArnEquals') return wanted.some((pattern) => matches(pattern, found))
  throw new Error(`no such operator here: ${operator}`)
}

/** `*` for any letters, `?` for one. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(text)

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error(`not a text, and no function of CloudFormation can be worked out here: ${JSON.stringify(value)}`)
}
