/**
 * One execution environment: a process of its own that runs the official runtime client on the deployed code, behind a
 * Runtime API of its own. It does one invocation at a time, is frozen in between, and is killed at the deadline, or when
 * it uses more memory than it has.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Millis } from '../../../src/units.ts'
import { type Configuration, environmentVariables } from './configuration.ts'
import type { Invocation } from './invocation.ts'
import type { FunctionLog } from './logs.ts'
import { lineCutter, messageCutter } from './output.ts'
import { runtimeClient } from './prepare.ts'
import { endLines, initLine, startLine, timeoutLine } from './report.ts'
import { type FunctionError, type RuntimeApi, runtimeApi } from './runtime-api.ts'

const FILES = 1024
/** Starting up has ten seconds; afterwards the invocation's own time runs. */
const INIT: Millis = 10_000
const WATCH: Millis = 100
const MB = 2 ** 20

export class Environment {
  readonly configuration: Configuration
  /** Resolves when its process is gone. */
  readonly gone: Promise<void>
  private readonly log: FunctionLog
  private readonly folder = mkdtempSync(join(tmpdir(), 'slsart-environment-'))
  private readonly bornAt = performance.now()
  private api: RuntimeApi | null = null
  private process: ChildProcess | null = null
  private free: ServerResponse | null = null
  private work: Invocation | null = null
  private begunAt: Millis = 0
  private init: Millis | null = null
  private error: FunctionError | null = null
  private hasResponded = false
  private lines: string[] = []
  private memory = 0
  private timer: NodeJS.Timeout | null = null
  private watch: NodeJS.Timeout | null = null
  private end: () => void = () => {}

  constructor(configuration: Configuration, log: FunctionLog) {
    this.configuration = configuration
    this.log = log
    this.gone = new Promise((resolve) => {
      this.end = resolve
    })
  }

  get pid(): number {
    return this.process?.pid ?? 0
  }

  /** Starts the process; `extra` are variables that it gets beside those that Lambda and the function set. */
  async start(folders: { code: string; layers: string }, extra: Record<string, string>): Promise<void> {
    this.api = await runtimeApi({
      next: (answer) => this.onNext(answer),
      chunk: (bytes) => this.work?.sink(bytes),
      responded: (error) => {
        this.error = error
        this.hasResponded = true
      },
      initError: (error) => {
        this.error = error
      },
    })
    const { memory } = this.configuration
    const env = {
      ...environmentVariables(this.configuration, { ...folders, api: this.api.address, stream: this.log.stream }),
      ...{ TMPDIR: this.folder, PATH: process.env.PATH ?? '', _LAMBDA_TELEMETRY_LOG_FD: '3', ...extra },
    }
    const heap = `--max-old-space-size=${Math.floor(memory * 0.9)}`
    const node = [process.execPath, heap, '--require', join(import.meta.dirname, 'rapid-client.cjs'), runtimeClient]
    // It must not outlive a test process that is killed.
    const limits = ['--pdeathsig', 'KILL', 'prlimit', `--nofile=${FILES}:${FILES}`, ...node]
    this.write(initLine())
    const child = spawn('setpriv', limits, { cwd: folders.code, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
    this.process = child
    const write = (line: string): void => this.write(line)
    for (const output of [child.stdout, child.stderr]) output?.on('data', lineCutter(write))
    const messages = child.stdio[3] as Readable
    messages.on('data', messageCutter(write))
    child.once('error', (error) => this.write(error.message))
    child.once('close', (code, signal) => this.onExit(code, signal))
    this.watch = setInterval(() => this.look(), WATCH)
  }

  /** Does it as soon as it has started up. */
  invoke(work: Invocation): void {
    this.work = work
    if (this.free !== null) return this.begin()
    this.timer = setTimeout(() => this.timeOut(), INIT + this.configuration.timeout * 1000)
  }

  /** Ends it, whatever it is doing. */
  kill(): void {
    this.signal('SIGKILL')
  }

  private onNext(answer: ServerResponse): void {
    this.init ??= performance.now() - this.bornAt
    this.free = answer
    // What it has printed before it asked may still be on its way.
    setImmediate(() => {
      if (this.hasResponded) this.finish('')
      if (this.work === null) this.signal('SIGSTOP')
      else this.begin()
    })
  }

  private begin(): void {
    const { work, free } = this
    if (work === null || free === null) return
    if (this.timer) clearTimeout(this.timer)
    this.free = null
    this.signal('SIGCONT')
    this.begunAt = performance.now()
    this.write(startLine(work))
    const lifetime = this.configuration.timeout * 1000
    this.timer = setTimeout(() => this.timeOut(), lifetime)
    free.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': work.id,
      'lambda-runtime-deadline-ms': String(Math.round(Date.now() + lifetime)),
      'lambda-runtime-invoked-function-arn': work.arn,
      'lambda-runtime-trace-id': `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomBytes(12).toString('hex')};Sampled=0`,
    })
    free.end(work.event)
  }

  /** Closes the invocation with its last lines; `status` is why it failed, when it was not the function's own error. */
  private finish(status: string): void {
    const { work, lines } = this
    if (work === null) return
    if (this.timer) clearTimeout(this.timer)
    const { memory: limit } = this.configuration
    const init = work.cold ? this.init : null
    const begun = this.begunAt || performance.now()
    this.look()
    const usage = { duration: performance.now() - begun, init, limit, memory: Math.ceil(this.memory / MB), status }
    for (const line of endLines(work, usage)) this.write(line)
    const { error } = this
    this.work = null
    this.error = null
    this.hasResponded = false
    this.lines = []
    this.log.flush()
    work.end({ error, tail: lines })
  }

  private onExit(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.watch) clearInterval(this.watch)
    const how = signal === null ? `exit status ${code}` : `signal: ${SIGNALS[signal] ?? signal}`
    if (this.work !== null) {
      const { id } = this.work
      const message = `RequestId: ${id} Error: Runtime exited with error: ${how}`
      this.error ??= { errorType: 'Runtime.ExitError', errorMessage: message }
      const type = this.memory > this.configuration.memory * MB ? 'Runtime.OutOfMemory' : this.error.errorType
      this.finish(this.error.errorType === TIMEOUT ? 'Status: timeout' : `Status: error\tError Type: ${type}`)
    }
    this.api?.close()
    rmSync(this.folder, { recursive: true, force: true })
    this.end()
  }

  private timeOut(): void {
    const { work, configuration } = this
    if (work === null) return
    const { timeout } = configuration
    this.write(timeoutLine(work, timeout, new Date()))
    const message = `RequestId: ${work.id} Error: Task timed out after ${timeout.toFixed(2)} seconds`
    this.error = { errorType: TIMEOUT, errorMessage: message }
    this.kill()
  }

  /** The most that it has used so far; it is killed when that is more than it has. */
  private look(): void {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
      this.memory = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024 || this.memory
    } catch {}
    if (this.memory > this.configuration.memory * MB) this.kill()
  }

  private write(line: string): void {
    this.lines.push(line)
    this.log.write(line)
  }

  private signal(signal: NodeJS.Signals): void {
    this.process?.kill(signal)
  }
}

const TIMEOUT = 'Sandbox.Timedout'
const SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
}
