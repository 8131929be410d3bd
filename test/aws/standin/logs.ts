/** What the environments log: kept for tests to read, and sent to the log group in moto, a stream an environment. */
import { randomBytes } from 'node:crypto'
import type { Millis } from '../../../src/units.ts'
import type { Configuration } from './configuration.ts'

/** Calls moto's API of CloudWatch Logs; false when it refuses. */
export type LogsCall = (region: string, action: string, body: object) => Promise<boolean>
export type LogLine = { group: string; stream: string; at: Millis; line: string }

export class Logs {
  readonly lines: LogLine[] = []
  private readonly call: LogsCall
  private sending: Promise<unknown> = Promise.resolve()

  constructor(call: LogsCall) {
    this.call = call
  }

  open({ region, version, logGroup }: Pick<Configuration, 'region' | 'version' | 'logGroup'>): FunctionLog {
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/')
    const stream = `${day}/[${version}]${randomBytes(16).toString('hex')}`
    const names = { logGroupName: logGroup, logStreamName: stream }
    this.send(region, 'CreateLogStream', names)
    return new FunctionLog(stream, {
      keep: (line, at) => this.lines.push({ group: logGroup, stream, at, line }),
      send: (logEvents) => this.send(region, 'PutLogEvents', { ...names, logEvents }),
    })
  }

  /** Resolves when moto has all that was logged so far. */
  async sent(): Promise<void> {
    await this.sending
  }

  /** A log group that is not there gets nothing: the function's role may not make one. */
  private send(region: string, action: string, body: object): void {
    this.sending = this.sending.then(() => this.call(region, action, body)).catch(() => false)
  }
}

type LogEvent = { timestamp: Millis; message: string }

/** The log stream of one environment. */
export class FunctionLog {
  readonly stream: string
  private readonly to: { keep(line: string, at: Millis): void; send(events: LogEvent[]): void }
  private waiting: LogEvent[] = []

  constructor(stream: string, to: FunctionLog['to']) {
    this.stream = stream
    this.to = to
  }

  write(line: string): void {
    const at = Date.now()
    this.to.keep(line, at)
    this.waiting.push({ timestamp: at, message: `${line}\n` })
  }

  flush(): void {
    if (this.waiting.length > 0) this.to.send(this.waiting)
    this.waiting = []
  }
}
