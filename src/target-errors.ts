/** What is said of hosts that load may not go to: before a run, and by the workers of one. */
import { list, type Place, PreflightError, ScriptError, type SlsartError, UsageError } from './errors.ts'

const NEVER = "a cloud's metadata service or link-local"

/** An entry of the list of hosts. `from`: the flag, or the path in the script. */
type Said = { from: string; at: Place | null }

const wrongEntry = (at: Place | null, message: string, hint: string): SlsartError =>
  at === null ? new UsageError(message, { hint }) : new ScriptError(message, { at, hint })

export const allowErrors = {
  none: (text: string, { from, at }: Said): SlsartError =>
    wrongEntry(at, `${from}: "${text}" is not a host`, 'For example: api.example.com, *.example.com, 203.0.113.7.'),
  never: (text: string, { from, at }: Said): SlsartError =>
    wrongEntry(at, `${from}: ${text} is ${NEVER}`, 'No load is ever sent there, listed or not.'),
} as const

/** A host of the script that a run may not go to; `addresses`: what it leads to. */
export type Stranger = { host: string; at: Place; why: 'metadata' | 'unlisted'; addresses: readonly string[] }

/** Where it leads, when that is not what it is called. */
export function leadingTo(host: string, addresses: readonly string[]): string {
  const others = addresses.filter((address) => address !== host)
  return others.length === 0 ? host : `${host} (${list(others)})`
}

export const placeText = ({ file, line, column }: Place): string =>
  [file, line, column].filter((part) => part !== undefined).join(':')

export const strangerText = ({ host, why, addresses }: Stranger): string =>
  why === 'metadata'
    ? `${leadingTo(host, addresses)} is ${NEVER}: no load is ever sent there`
    : `${leadingTo(host, addresses)} is not an allowed target`

/** What would allow them; null: nothing. */
export function strangersHint(strangers: readonly Stranger[]): string | null {
  const flags = strangers.filter(({ why }) => why === 'unlisted').map(({ host }) => `--allow ${host}`)
  return flags.length === 0
    ? null
    : `Give ${flags.join(' ')}, or list it under \`config.slsart.allow\`. This machine and private addresses need neither.`
}

export const strangersError = (strangers: readonly [Stranger, ...Stranger[]]): PreflightError => {
  const [first, ...more] = strangers
  const also = more.map((stranger) => `; ${placeText(stranger.at)}: ${strangerText(stranger)}`)
  const hint = strangersHint(strangers)
  return new PreflightError(`${strangerText(first)}${also.join('')}`, {
    at: first.at,
    hint: `${hint === null ? '' : `${hint} `}No request was sent.`,
  })
}

export type TargetCode = 'SLSART_METADATA' | 'SLSART_TARGET'

/** Of a connection that a worker does not open. */
export const targetText = (code: TargetCode, host: string, address: string): string =>
  code === 'SLSART_METADATA'
    ? `connect ${code} ${leadingTo(host, [address])}: ${NEVER}, where no load is ever sent`
    : `connect ${code} ${leadingTo(host, [address])}: not an allowed target (--allow ${host})`
