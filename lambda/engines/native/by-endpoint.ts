/**
 * Artillery's plugin metrics-by-endpoint, which it always loads, without its hooks: its name for a request is the same for every virtual
 * user, since the plugin looks at it before templates are filled in.
 */
import { artillery } from '../../../src/measure/names.ts'
import { millisToMicros } from '../../../src/units.ts'
import { add, type Cell, type Recorder } from '../../recorder.ts'
import type { Timer } from '../../timer.ts'
import type { Exchange } from './exchange.ts'
import { SERVER_TIMING } from './head.ts'

export const BEFORE = 'metricsByEndpoint_beforeRequest'
export const AFTER = 'metricsByEndpoint_afterResponse'
export const ON_ERROR = 'metricsByEndpoint_onError'

export class ByEndpoint {
  private readonly recorder: Recorder
  private readonly name: string
  private readonly prefix: string
  private readonly time: Timer
  private readonly codes: Cell[] = []

  /** `prefix`: the plugin's namespace. */
  constructor(recorder: Recorder, prefix: string, name: string) {
    this.recorder = recorder
    this.prefix = prefix
    this.name = name
    this.time = recorder.timer(artillery(`${prefix}.response_time.${name}`))
  }

  answered({ status, firstByte, written, head }: Exchange): void {
    const cell = this.codes[status] ?? this.recorder.tally(artillery(`${this.prefix}.${this.name}.codes.${status}`))
    this.codes[status] = cell
    add(cell, 1)
    this.time.record(Math.round(firstByte - written))
    const timing = ((head?.marks ?? 0) & SERVER_TIMING) !== 0 ? head?.headers['server-timing'] : undefined
    if (timing === undefined) return
    const total = /total;dur=([0-9.]+)/i.exec(String(timing))
    const ms = total === null ? -1 : Number(total[1] || 0)
    if (Number.isFinite(ms))
      this.recorder.time(artillery(`${this.prefix}.server-timing.${this.name}`), millisToMicros(ms))
  }

  failed({ code, name }: { code?: unknown; name?: string }): void {
    this.recorder.count(artillery(`${this.prefix}.${this.name}.errors.${code || name}`))
  }
}
