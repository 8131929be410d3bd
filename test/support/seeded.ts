/** Secrets of twenty kinds and more, none of them real: put together here, so that nobody who looks for real ones finds them in this file. */

/** `form`: whether it shows by its form alone. */
export type Kind = { kind: string; value: string; form: boolean }

const letters = 'aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0z'
const run = (length: number): string => letters.repeat(Math.ceil(length / letters.length)).slice(0, length)
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const pem = (...lines: string[]): string => lines.map((line) => line.replaceAll('~', '-----')).join('\n')

const byForm: Record<string, string> = {
  'JSON Web Token': `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ sub: 'seeded' })}.${run(43)}`,
  'AWS access key': `AKIA${'SEEDEDSEEDED2345'}`,
  'GitHub token': ['ghp', run(36)].join('_'),
  'GitLab token': ['glpat', run(20)].join('-'),
  'Slack token': ['xoxb', '1234567890', run(24)].join('-'),
  'Stripe key': ['sk', 'live', run(24)].join('_'),
  'npm token': ['npm', run(36)].join('_'),
  'Google key': `AIza${run(35)}`,
  'private key': pem('~BEGIN PRIVATE KEY~', `MIIE${run(60)}`, `${run(44)}==`, '~END PRIVATE KEY~'),
}
const byPlace: Record<string, string> = {
  'authorization header': 'opaque-bearer-71ca0d',
  'cookie header': 'cookie-value-f00ba4',
  'key header': 'header-key-0192ab',
  'user name': 'seeded-user-5d',
  'password of auth': 'auth pass/58ab!x',
  'password in a URL': 'url-pass-91bcd0',
  'token in a query': 'query-token-55dd01',
  variable: 'variable-pass-3c9e77',
  column: 'column-token-ab12cd',
  'dotenv variable': 'dotenv-secret-6611aa',
  'variable of the environment': 'environment-token-9911',
  'connection string': 'connection-pass-4455ee',
  'key of a body': 'body-pass-8822cc',
  'captured token': 'captured-token-77ee33',
}

const kinds = (values: Record<string, string>, form: boolean): Kind[] =>
  Object.entries(values).map(([kind, value]) => ({ kind, value, form }))

export const KINDS: readonly Kind[] = [...kinds(byForm, true), ...kinds(byPlace, false)]

export function seeded(kind: string): string {
  const found = KINDS.find((one) => one.kind === kind)
  if (found === undefined) throw new Error(`no secret of the kind "${kind}"`)
  return found.value
}

/** Of a text, the kinds of the secrets that are in it, in any of their spellings. */
export function leaksIn(text: string): string[] {
  return KINDS.filter(({ value }) => spellings(value).some((spelling) => text.includes(spelling))).map(
    ({ kind }) => kind,
  )
}

function spellings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1)
  const lines = value.split('\n').filter((line) => !line.startsWith('-----'))
  return [value, json, JSON.stringify(json).slice(1, -1), encodeURIComponent(value), btoa(value), ...lines]
}
