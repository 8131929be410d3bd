/** Why a worker's invocation is over, as data; the sentences are in aws-errors.ts. */
import { type Loss, lossText } from '../../aws-errors.ts'
import type { Millis } from '../../units.ts'
import type { Answer, Complete } from './invoke.ts'
import type { TooLarge } from './payload.ts'

/** What Lambda says at the end of an invocation's log. Megabytes; null where the line does not say it. */
export type Report = { billed: Millis; memory: number | null; used: number | null; status: string; error: string }

export function reportIn(log: string): Report | null {
  const line = /^REPORT RequestId: .*$/m.exec(log)?.[0]
  const billed = line && /Billed Duration: (\d+) ms/.exec(line)?.[1]
  if (!line || !billed) return null
  const number = (pattern: RegExp): number | null => {
    const found = pattern.exec(line)?.[1]
    return found === undefined ? null : Number(found)
  }
  return {
    billed: Number(billed),
    memory: number(/Memory Size: (\d+) MB/),
    used: number(/Max Memory Used: (\d+) MB/),
    status: /Status: (\w+)/.exec(line)?.[1] ?? '',
    error: /Error Type: (\S+)/.exec(line)?.[1] ?? '',
  }
}

/** What is asked of Lambda: named when it is not there. */
export type Asked = { function: string; version: string; region: string }

/** How an invocation ended, or that it was not even tried. */
export type Outcome = Answer | TooLarge

/** In words, with the last lines that the function wrote, and whether another attempt may do better. `tried`: how long starting it took at the most. */
export function reasonOf(answer: Outcome, asked: Asked, tried: Millis): { reason: string; retry: boolean } {
  const log = answer.kind === 'complete' && answer.error !== null ? tailOf(answer.log) : []
  const loss = lossOf(answer, asked, tried)
  return { reason: lossText(loss, log), retry: isPassing(loss) }
}

/** What the next attempt would meet again is not tried again. */
function isPassing(loss: Loss): boolean {
  if (loss.kind === 'refused') return loss.status >= 500
  return !['too large', 'denied', 'missing', 'wrong architecture', 'init'].includes(loss.kind)
}

function lossOf(answer: Outcome, asked: Asked, tried: Millis): Loss {
  if (answer.kind === 'complete') return answer.error === null ? { kind: 'returned' } : failureOf(answer)
  if (answer.kind === 'too large') return answer
  if (answer.kind === 'cut') return { kind: answer.sent ? 'cut' : 'unreached', cause: answer.cause }
  const { status, code, reason, message } = answer
  if (isThrottled(answer)) return { kind: 'throttled', reason: reason || code, seconds: tried / 1000 }
  if (status === 403) return { kind: 'denied', code, message, ...asked }
  if (status === 404 && code.startsWith('ResourceNotFound')) return { kind: 'missing', ...asked }
  return { kind: 'refused', status, code, message }
}

export const isThrottled = (answer: Outcome): boolean => answer.kind === 'refused' && answer.status === 429

/** The region, or who stands for it, does not know the call that streams. */
export const knowsNoStreams = (answer: Outcome): boolean =>
  answer.kind === 'refused' &&
  (/^UnknownOperation/.test(answer.code) ||
    answer.status === 501 ||
    (answer.status === 404 && answer.code === '') ||
    /Unable to determine service\/operation name/.test(answer.message))

const INIT =
  /^Runtime\.(ImportModuleError|UserCodeSyntaxError|HandlerNotFound|MalformedHandlerName|InvalidEntrypoint|NoHandlerDefined)|^(Init|Extension)\./
/** As the runtime tells it of a module that another one imports. */
const NOT_FOUND = /^Cannot find (package|module) /
const ARCHITECTURE = /exec format error|wrong ELF class|invalid ELF header|ERR_DLOPEN_FAILED|incompatible architecture/i

function failureOf({ error, log }: Complete & { error: { code: string; details: string } | null }): Loss {
  const { type, message } = errorIn(error)
  const report = reportIn(log)
  const text = `${message}\n${log}`
  if (/Timedout|TimedOut/.test(type) || report?.status === 'timeout' || /Task timed out after/.test(message)) {
    const seconds = /timed out after ([\d.]+)/.exec(text)?.[1]
    return { kind: 'timed out', seconds: seconds === undefined ? null : Number(seconds) }
  }
  if (isOutOfMemory(type, text, report)) return { kind: 'out of memory', memory: report?.memory ?? null }
  if (ARCHITECTURE.test(text)) return { kind: 'wrong architecture', message }
  if (INIT.test(type) || NOT_FOUND.test(message)) return { kind: 'init', code: type, message }
  return { kind: 'failed', code: type, message }
}

/** Lambda kills a process that takes all memory, and says so only in newer accounts; Node gives up by itself before its heap does. */
function isOutOfMemory(type: string, text: string, report: Report | null): boolean {
  const full = report !== null && report.memory !== null && (report.used ?? 0) >= report.memory * 0.98
  return (
    `${type} ${report?.error}`.includes('OutOfMemory') ||
    text.includes('JavaScript heap out of memory') ||
    (full && text.includes('signal: killed'))
  )
}

/** `details` is what the runtime says of an error, mostly JSON with its own name for it; the code then only says that it was not caught. */
function errorIn(error: { code: string; details: string } | null): { type: string; message: string } {
  const { code, details } = error ?? { code: '', details: '' }
  try {
    const said = JSON.parse(details) as { errorType?: string; errorMessage?: string }
    return { type: said.errorType ?? code, message: said.errorMessage ?? details }
  } catch {
    return { type: code, message: details }
  }
}

const LINES = 3

/** The last lines that are the function's own, without Lambda's marks around them. */
const tailOf = (log: string): string[] =>
  log
    .split('\n')
    .map((line) => line.replaceAll('\t', ' ').trim())
    .filter((line) => line !== '' && !/^(START|END|REPORT|INIT_START|INIT_REPORT|XRAY) /.test(line))
    .slice(-LINES)
