/**
 * Everything a command touches outside itself, in one value. The real one is built here and only here, so a whole
 * command can be run in a test with another.
 */
import { once } from 'node:events'
import { availableParallelism, hostname, totalmem } from 'node:os'
import { Redactor } from './secrets/redactor.ts'
import type { Micros, Millis } from './units.ts'

/** `room` resolves when what was written has been taken far enough that more may be: for output without a limit. */
export type Output = { write(text: string): void; room(): Promise<void>; isTty: boolean }
export type Terminal = { input: NodeJS.ReadStream; output: NodeJS.WriteStream }

/** ^C, the end of a CI job, a terminal that is closed. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
type StopSignal = (typeof STOP_SIGNALS)[number]

export type World = {
  clock: {
    /** Milliseconds since the epoch; may jump. */
    wall(): Millis
    /** Microseconds since some moment; never jumps. */
    steady(): Micros
    sleep(span: Millis): Promise<void>
    /** Calls back every `span` until the function it returns is called. */
    every(span: Millis, tick: () => void): () => void
  }
  /** `n` random bytes in hexadecimal. */
  entropy(n: number): string
  env: Record<string, string | undefined>
  argv: readonly string[]
  cwd: string
  node: string
  /** Such as 24.1.0. */
  nodeVersion: string
  machine: { name: string; cores: number; memoryBytes: number }
  /** Whether a process of this machine is there; one that has ended and that nobody has waited for is. */
  isThere(pid: number): boolean
  stdin: NodeJS.ReadStream
  /** What it learns is in nothing that is written to stdout and stderr. */
  secrets: Redactor
  /** To draw on and to hear keys from: stderr and stdin when both are terminals. */
  terminal: Terminal | null
  stdout: Output
  stderr: Output
  /** Calls back on each of the signals; the function it returns ends that. */
  onStop(listener: (signal: StopSignal) => void): () => void
  /** As if ^C had been pressed. */
  interrupt(): void
  /** Ends the process once what was written is out. */
  exit(code: number): void
}

/** What a terminal obeys, but for the colours of a text: nobody's text moves the cursor, or turns a line's direction around. */
const ESCAPE = '\u001b'
const COMMANDS = new RegExp(
  `(?!\\n|\\t|\\r\\n|${ESCAPE}\\[[\\d;]{0,20}m)\\p{Cc}|[\\u202a-\\u202e\\u2066-\\u2069]`,
  'gu',
)

/** `isOurs`: the process is there for this alone, and not for a program that imports it. */
export function realWorld({ isOurs = true }: { isOurs?: boolean } = {}): World {
  const secrets = new Redactor()
  const output = (stream: NodeJS.WriteStream): Output => {
    // A reader that goes away (`slsart … | head`) must not end a run.
    if (isOurs) stream.on('error', () => {})
    return {
      write: (text) => void stream.write(secrets.text(text).replaceAll(COMMANDS, '\ufffd')),
      async room() {
        if (!stream.writableNeedDrain || stream.destroyed) return
        const over = new AbortController()
        const { signal } = over
        // A reader that goes away takes nothing more.
        await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]).catch(() => {})
        over.abort()
      },
      isTty: stream.isTTY === true,
    }
  }
  return {
    clock: {
      wall: Date.now,
      steady: () => performance.now() * 1000,
      sleep: (span) => new Promise((resolve) => void setTimeout(resolve, span)),
      every: (span, tick) => {
        const timer = setInterval(tick, span)
        return () => clearInterval(timer)
      },
    },
    // Not node:crypto's, which takes 4 ms to load: `--help` does without.
    entropy: (n) => Buffer.from(crypto.getRandomValues(new Uint8Array(n))).toString('hex'),
    env: process.env,
    argv: process.argv.slice(2),
    cwd: process.cwd(),
    node: process.execPath,
    nodeVersion: process.versions.node,
    machine: { name: hostname(), cores: availableParallelism(), memoryBytes: totalmem() },
    isThere,
    stdin: process.stdin,
    secrets,
    terminal: process.stdin.isTTY && process.stderr.isTTY ? { input: process.stdin, output: process.stderr } : null,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    onStop: (listener) => {
      for (const signal of STOP_SIGNALS) process.on(signal, listener)
      return () => {
        for (const signal of STOP_SIGNALS) process.off(signal, listener)
      }
    },
    // Not a signal of the system: on Windows that would end the process.
    interrupt: () => void process.emit('SIGINT', 'SIGINT'),
    exit: (code) => {
      process.exitCode = code
      // Pipes and files may still hold output; it is written before the process goes.
      process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
    },
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
