/** Which names say that what they name is secret: of headers, query parameters, variables, columns, environment variables and keys. */

/** Words of a name, in small letters: `X-Api-Key`, `xApiKey` and `x_api_key` have the same. */
const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')

const WORDS: ReadonlySet<string> = new Set([
  ...['auth', 'bearer', 'cookie', 'cookies', 'csrf', 'jwt', 'otp', 'pass', 'psk', 'pw', 'pwd', 'sid', 'sig'],
  ...['signature', 'xsrf'],
])
const PARTS =
  /passw|passphrase|passcode|secret|token|apikey|accesskey|accountkey|privatekey|signingkey|encryptionkey|credential|authori[sz]ation|connectionstring|sessionid/

/** What ends so tells of a secret, and is none: `tokenType`, `SSH_AUTH_SOCK`, `passwordField`. */
const ABOUT: ReadonlySet<string> = new Set([
  ...['count', 'dir', 'enabled', 'endpoint', 'expires', 'expiry', 'expiration', 'field', 'file', 'header', 'host'],
  ...['length', 'limit', 'method', 'name', 'path', 'policy', 'port', 'scheme', 'size', 'sock', 'store', 'timeout'],
  ...['ttl', 'type', 'uri', 'url', 'user'],
])
/** `maxTokens` is a number of them. */
const AMOUNTS: ReadonlySet<string> = new Set(['max', 'min', 'num', 'number', 'total'])

/** Asked of each capture: a script has few names. */
const known = new Map<string, boolean>()
const KEPT = 1_000

export function isSecretName(name: string): boolean {
  const before = known.get(name)
  if (before !== undefined) return before
  const is = saysSecret(wordsOf(name))
  if (known.size < KEPT) known.set(name, is)
  return is
}

function saysSecret(words: readonly string[]): boolean {
  if (ABOUT.has(words.at(-1) ?? '') || AMOUNTS.has(words[0] ?? '')) return false
  return words.some((word) => WORDS.has(word)) || PARTS.test(words.join(''))
}

/** In a query there are short names too. */
export const isSecretParameter = (name: string): boolean => isSecretName(name) || /^(?:key|code)$/i.test(name)
