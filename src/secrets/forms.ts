/** What is secret by its form, whoever wrote it: keys, tokens and credentials of well-known kinds, and values beside a name that says so. */
import { isSecretName, isSecretParameter } from './names.ts'

/** Where in a text something secret stands. */
export type Span = { from: number; to: number }

/**
 * Each looks at a text once, from left to right: what may be long has nothing before it that could begin anywhere (a log line may have
 * megabytes). `head` is not secret.
 */
const FORMS: readonly RegExp[] = [
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  // A JSON Web Token, signed, unsigned or encrypted.
  /(?<![\w-])ey[IJ][\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*){1,3}/g,
  // AWS, GitHub, GitLab, Slack, Stripe, npm, Google, OpenAI and Anthropic, SendGrid, DigitalOcean, Shopify, PyPI, Hugging Face, Vault.
  /(?<![A-Za-z0-9_])(?:(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{16}(?![A-Z0-9])|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt)-[\w-]{16,}|xox[a-z]-[\w-]{10,}|xapp-[\w-]{10,}|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}|npm_[A-Za-z0-9]{30,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|sk-[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|dop_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|pypi-[\w-]{50,}|hf_[A-Za-z0-9]{30,}|hvs\.[\w-]{20,})/g,
  /(?<head>hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]+/g,
  // Words such as "Basic authentication" are none: what follows has a digit, a capital or a sign of base64.
  /(?<head>(?<!\w)(?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Aa]pi[Kk]ey|[Nn]egotiate)\s{1,3})(?=[\w.~+/:-]{0,200}[0-9A-Z=])[\w.~+/=:-]{8,}/g,
  /(?<head>(?<!\w)(?:set-cookie2?|cookie|(?:proxy-)?authorization):\s{0,3})(?=\S)[^\r\n"'{}[\]]+/gi,
  // Who is let in by a URL or a connection string.
  /(?<head>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@?#"'<>{}]{1,400}(?=@)/gi,
]

const PARAMETER = /(?<head>[?&;](?<name>[\w.%[\]-]{1,64})=)(?!\{\{)[^&#\s"'<>;]+/g
/** `name=value`, `name: value`, `"name": "value"`, and the latter inside a JSON text. */
const PAIR =
  /(?<![\w-])(?<head>(?<name>[\w-]{1,64})(?:\\?["'])?\s{0,3}(?<sign>[:=])\s{0,3})(?:(?<open>["'])(?<quoted>(?:\\.|(?!\k<open>)[^\n\\])+)\k<open>|\\["'](?<escaped>[^\n\\]+)\\["']|(?<bare>[^\s,;&{}()[\]"'<>\\]+))/g

/** The spans of all that is secret by its form. */
export function formsIn(text: string): Span[] {
  const spans: Span[] = []
  for (const form of FORMS) {
    for (const match of text.matchAll(form)) spans.push(spanOf(match))
  }
  for (const match of text.matchAll(PARAMETER)) {
    if (isSecretParameter(decoded(match.groups?.name ?? ''))) spans.push(spanOf(match))
  }
  PAIR.lastIndex = 0
  for (let match = PAIR.exec(text); match !== null; match = PAIR.exec(text)) {
    const { head = '', name = '', sign, quoted, escaped, bare = '' } = match.groups ?? {}
    const opening = quoted !== undefined ? 1 : escaped !== undefined ? 2 : 0
    const from = match.index + head.length + opening
    if (isSecretName(name) && (opening > 0 || isLikely(bare, sign === '='))) {
      spans.push({ from, to: from + (quoted ?? escaped ?? bare).length })
    } else {
      // What is no secret may have one in it: `error: token=…`.
      PAIR.lastIndex = match.index + head.length
    }
  }
  return spans
}

function spanOf({ 0: whole, index, groups }: RegExpMatchArray & { index: number }): Span {
  return { from: index + (groups?.head?.length ?? 0), to: index + whole.length }
}

/** "invalid token: expired" tells of no token. */
const isLikely = (bare: string, assigned: boolean): boolean => assigned || (bare.length >= 6 && /[0-9A-Z]/.test(bare))

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
