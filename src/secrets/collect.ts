/** The secrets of a run, collected once: what its script, its data rows and its environment name as secret, and what stands in its URLs. */
import { decoded } from './forms.ts'
import { isSecretName, isSecretParameter } from './names.ts'

/** Of a script, as far as it is looked at; everything in it is plain JSON. */
type Written = {
  target: string
  variables: unknown
  config: unknown
  hooks: unknown
  scenarios: readonly { spec: unknown }[]
}
type Env = Readonly<Record<string, string | undefined>>

/** Data rows with the names of their columns; with names of its own a row is an object. */
type Rows = { fields: readonly string[]; rows: readonly unknown[] }

export function* secretsOfScript({ target, variables, config, hooks, scenarios }: Written): Generator<string> {
  for (const part of [target, variables, config, hooks, scenarios.map(({ spec }) => spec)]) yield* secretsIn(part)
}

/** Of the environment's secrets those that templates have put into the script: where its workers are, nobody sees their names. */
export function secretsTaken(env: Env, { target, variables, config, hooks, scenarios }: Written): string[] {
  const written = JSON.stringify([target, variables, config, hooks, scenarios])
  const isIn = (secret: string): boolean => secret !== '' && written.includes(JSON.stringify(secret).slice(1, -1))
  return [...new Set(secretsOfEnv(env))].filter(isIn)
}

/** Folders that a shell calls so. */
const FOLDERS: ReadonlySet<string> = new Set(['PWD', 'OLDPWD'])

export const secretsOfEnv = (env: Env): Generator<string> =>
  secretsIn(Object.fromEntries(Object.entries(env).filter(([name]) => !FOLDERS.has(name))))

export function* secretsOfRows({ fields, rows }: Rows): Generator<string> {
  const columns = fields.flatMap((field, column) => (isSecretName(field) ? [column] : []))
  for (const row of rows) {
    if (!Array.isArray(row)) yield* secretsIn(row)
    else for (const column of columns) yield* leaves(row[column])
  }
}

/** Everything in it that is secret by the name that it stands under, or as part of a URL. */
export function* secretsIn(value: unknown, isSecret: (name: string) => boolean = isSecretName): Generator<string> {
  if (typeof value === 'string') yield* inText(value)
  else if (Array.isArray(value)) for (const one of value) yield* secretsIn(one)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, one] of Object.entries(value)) {
      if (isSecret(name)) yield* leaves(one)
      yield* secretsIn(one, name === 'qs' ? isSecretParameter : isSecretName)
    }
    yield* basic(value as Record<string, unknown>)
  }
}

function* leaves(value: unknown): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') yield* asWritten(String(value))
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* leaves(one)
}

const TEMPLATE = /\{\{[^}]*\}\}\}?/
/** Beside a template a short text is more likely a scheme or a separator. */
const SHORTEST_REST = 12
const SCHEME = /^(?:bearer|basic|token|apikey|negotiate|digest)\s+/i
const COOKIE = /^[^\s=;,]+=[^;]*(?:;|$)/

function* asWritten(text: string): Generator<string> {
  if (TEMPLATE.test(text)) {
    for (const rest of text.split(TEMPLATE)) {
      const own = rest.trim().replace(SCHEME, '')
      if (own.length >= SHORTEST_REST && /\d/.test(own)) yield own
    }
    return
  }
  const own = text.trim().replace(SCHEME, '')
  yield own
  if (/^basic\s/i.test(text.trim())) yield* inBasic(own)
  if (COOKIE.test(own)) {
    for (const cookie of own.split(';')) yield cookie.slice(cookie.indexOf('=') + 1)
  }
}

function* inBasic(base64: string): Generator<string> {
  const credentials = Buffer.from(base64, 'base64').toString('utf8')
  yield credentials
  yield credentials.slice(credentials.indexOf(':') + 1)
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** As `auth` becomes a header. */
function* basic({ user, username, pass, password }: Record<string, unknown>): Generator<string> {
  const [name, word] = [user ?? username, pass ?? password]
  if (typeof name === 'string' && typeof word === 'string' && !TEMPLATE.test(name + word))
    yield base64(`${name}:${word}`)
}

const CREDENTIALS = /:\/\/(?<user>[^\s/:@?#"'<>{}]{0,200})(?::(?<password>[^\s/@?#"'<>{}]{0,200}))?@/g
const PARAMETER = /[?&;](?<name>[^=&#\s;]{1,64})=(?<value>[^&#\s;]+)/g

function* inText(text: string): Generator<string> {
  for (const { groups } of text.matchAll(CREDENTIALS)) {
    const { user = '', password } = groups ?? {}
    // Alone it is a token.
    for (const one of password === undefined ? [user] : [password]) yield* [one, decoded(one)]
    if (password !== undefined) yield base64(`${decoded(user)}:${decoded(password)}`)
  }
  for (const { groups } of text.matchAll(PARAMETER)) {
    const { name = '', value = '' } = groups ?? {}
    if (isSecretParameter(decoded(name)) && !TEMPLATE.test(value)) yield* [value, decoded(value)]
  }
}
