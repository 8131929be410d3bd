/** What is counted and timed of one step's requests in one phase. Looked up once; by name each time it would be a third of a request. */
import { artillery, artilleryRate } from '../../../src/measure/names.ts'
import type { Micros } from '../../../src/units.ts'
import type { Cell, Place, Recorder } from '../../recorder.ts'
import { add } from '../../recorder.ts'
import type { Timer } from '../../timer.ts'
import type { Exchange } from './exchange.ts'

/** Artillery's own counts and times of HTTP, the same for all requests of a worker. */
export class HttpCounts {
  readonly requests: Cell
  readonly requestRate: Cell
  readonly responses: Cell
  readonly downloaded: Cell
  readonly time: Timer
  readonly opening: { dns: Timer; tcp: Timer; tls: Timer; total: Timer } | null
  private readonly recorder: Recorder
  private readonly codes: Cell[] = []
  private readonly times: Timer[] = []

  /** `extended`: as `http.extendedMetrics` asks. */
  constructor(recorder: Recorder, extended: boolean) {
    const timer = (name: string): Timer => recorder.timer(artillery(`http.${name}`))
    this.recorder = recorder
    this.requests = recorder.tally(artillery('http.requests'))
    this.requestRate = recorder.tally(artilleryRate('http.request_rate'))
    this.responses = recorder.tally(artillery('http.responses'))
    this.downloaded = recorder.tally(artillery('http.downloaded_bytes'))
    this.time = timer('response_time')
    this.opening = extended ? { dns: timer('dns'), tcp: timer('tcp'), tls: timer('tls'), total: timer('total') } : null
  }

  code(status: number): Cell {
    const cell = this.codes[status] ?? this.recorder.tally(artillery(`http.codes.${status}`))
    this.codes[status] = cell
    return cell
  }

  /** Of all answers with such a status; Artillery has none for 1xx. */
  timeOf(status: number): Timer | null {
    const hundreds = Math.floor(status / 100)
    if (hundreds < 2 || hundreds > 5) return null
    const timer = this.times[hundreds] ?? this.recorder.timer(artillery(`http.response_time.${hundreds}xx`))
    this.times[hundreds] = timer
    return timer
  }
}

export class Count {
  private readonly recorder: Recorder
  private readonly place: Place
  /** Null in a warm-up phase, which counts in nothing but itself. */
  private readonly http: HttpCounts | null

  constructor(recorder: Recorder, place: Place, http: HttpCounts | null) {
    this.recorder = recorder
    this.place = place
    this.http = http
  }

  sent(): void {
    this.recorder.request(this.place, 'requests')
    if (this.http === null) return
    add(this.http.requests, 1)
    add(this.http.requestRate, 1)
  }

  answered(exchange: Exchange): void {
    const { sent, written, firstByte, status } = exchange
    this.recorder.opening(this.place, exchange, Math.round(firstByte - sent))
    const { http } = this
    if (http === null) return
    add(http.code(status), 1)
    add(http.responses, 1)
    const time = Math.round(firstByte - written)
    http.time.record(time)
    http.timeOf(status)?.record(time)
    if (http.opening !== null) {
      http.opening.dns.record(Math.round(Math.max(0, exchange.dns)))
      http.opening.tcp.record(Math.round(Math.max(0, exchange.tcp)))
      if (exchange.tls >= 0) http.opening.tls.record(Math.round(exchange.tls))
    }
  }

  /** `followed`: its body, which nobody asked for, is not counted, as in Artillery. */
  ended(exchange: Exchange, followed: boolean): void {
    const { ended, sent, status, downloaded } = exchange
    // Node's timers may fire up to a millisecond early: a request sent before its time was not late.
    const intended: Micros = Math.min(exchange.intended, sent)
    this.recorder.exchange(this.place, status, Math.round(ended - intended), Math.round(ended - sent))
    if (this.http === null) return
    add(this.http.downloaded, followed ? 0 : downloaded)
    this.http.opening?.total.record(Math.round(ended - sent))
  }

  failed(): void {
    this.recorder.request(this.place, 'failures')
  }
}
