/**
 * What the engine's events say, tied to virtual users and timed. The engine gives each request a uuid: our hook learns
 * whose it is and what it was meant to be, the trace events tell when it was sent and answered.
 */
import { randomUUID } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestParams } from 'artillery-upstream/engine_http'
import { type Micros, type Millis, millisToMicros } from '../../../src/units.ts'
import type { Place } from '../../recorder.ts'
import { failureOf, learnCaptures, recorded, unrecorded } from '../emitted.ts'
import { pathOf } from '../endpoint.ts'
import type { Loaded, Vu } from '../engine.ts'
import { type Connections, followConnections } from './connections.ts'
import { isStop, type StepTimes, StoppedError } from './steps.ts'
import { Teller } from './tell.ts'

/**
 * A running virtual user. `intended`: when its next request was meant to be sent; until its first one, that is when it was due,
 * whatever its hooks took. `branches`: how many parallel steps it is in; there every request is timed from its own start.
 */
type Running = {
  vu: Vu
  intended: Micros
  pending: Set<string>
  sentAny: boolean
  branches: number
  /** Its last request and what was answered, for the case that it fails. */
  last: { endpoint: string; status: number | null } | null
}
type Hop = { sent: Micros; intended: Micros }
/**
 * A request and the hops of its redirects. `hops` wait for their answer's headers, oldest first; `open` counts those whose last
 * byte is still to come. The engine does not say when a request fails; its virtual user's end does.
 */
type Pending = { running: Running; place: Place; intended: Micros; hops: Hop[]; sent: number; open: number }

const ENDPOINTS_KEPT = 1_000

export class Observer implements StepTimes {
  private readonly running = new Map<string, Running>()
  private readonly pending = new Map<string, Pending>()
  private readonly loaded: Loaded
  private readonly endpoints = new Map<string, Map<string, string>>()
  private over = false
  readonly strict: boolean
  readonly teller: Teller | null
  private readonly connections: Connections

  readonly events: EventEmitter
  /** Of virtual users of warm-up phases. */
  readonly apart: EventEmitter = unrecorded()

  constructor(loaded: Loaded) {
    this.loaded = loaded
    this.events = recorded(loaded.recorder, (code) => this.over && code === 'stopped')
    this.strict = loaded.script.strict
    this.connections = followConnections(loaded.now)
    const own = new Set(Object.keys(loaded.functions))
    this.teller = loaded.tell && new Teller(loaded.tell, { now: loaded.now, own, redact: loaded.redactor.text })
    this.teller?.listen(this.events)
    this.trace(this.events)
    this.trace(this.apart)
  }

  begin(uid: string, vu: Vu): void {
    this.running.set(uid, { vu, intended: vu.due, pending: new Set(), sentAny: false, branches: 0, last: null })
    this.teller?.begin(uid, vu, this.scenarioOf(vu))
  }

  /** A virtual user that ends with a request unanswered ends because that request failed. */
  end(uid: string, error: unknown): void {
    this.teller?.end(uid, error)
    const running = this.running.get(uid)
    if (running && error && !isStop(error)) this.failed(running, error)
    for (const uuid of running?.pending ?? []) {
      const request = this.pending.get(uuid)
      if (request !== undefined && request.open > 0) this.loaded.recorder.request(request.place, 'failures')
      this.pending.delete(uuid)
    }
    this.running.delete(uid)
  }

  private failed({ vu, last }: Running, error: unknown): void {
    if (this.loaded.script.warmUp.includes(vu.phase)) return
    const { endpoint = null, status = null } = last ?? {}
    this.loaded.recorder.failure(failureOf(error, { scenario: this.scenarioOf(vu), endpoint, status, arrival: vu.k }))
  }

  quit(): void {
    this.over = true
  }

  close(): void {
    this.connections.close()
  }

  stopped(): boolean {
    return this.over
  }

  /** What is answered by a step's end and has no trace events: a handshake, a message with its reply. */
  asked(uid: string, endpoint: string): (() => void) | null {
    const running = this.running.get(uid)
    if (this.over || !running) return null
    const uuid = randomUUID()
    running.last = { endpoint, status: null }
    const place = this.placeOf(running.vu, endpoint)
    const request: Pending = { running, place, intended: running.intended, hops: [], sent: 0, open: 0 }
    this.pending.set(uuid, request)
    running.pending.add(uuid)
    this.sent(uuid, this.loaded.now())
    return () => {
      const hop = request.hops.shift()
      if (hop) this.answered(request, { ...hop, status: null, at: this.loaded.now() })
    }
  }

  stepEnded(uid: string, at: Micros): void {
    const running = this.running.get(uid)
    if (!running) return
    if (running.sentAny) running.intended = at
    for (const uuid of running.pending) {
      const request = this.pending.get(uuid)
      if (request !== undefined && (request.sent === 0 || request.open > 0)) continue
      this.pending.delete(uuid)
      running.pending.delete(uuid)
    }
  }

  branched(uid: string, by: 1 | -1): void {
    const running = this.running.get(uid)
    if (running) running.branches += by
  }

  thought(uid: string, time: Millis): void {
    const running = this.running.get(uid)
    if (running) running.intended += millisToMicros(time)
  }

  /** The engine calls it before each request, with the URL not yet filled in: that names the endpoint. */
  readonly beforeRequest = (
    params: RequestParams,
    context: { _uid: string },
    _events: EventEmitter,
    next: (error?: Error) => void,
  ): void => {
    if (this.over) return next(new StoppedError('stopped'))
    this.teller?.requested(context._uid, params)
    const running = this.running.get(context._uid)
    if (running) {
      running.pending.add(params.uuid)
      const intended = running.branches > 0 && running.sentAny ? this.loaded.now() : running.intended
      const endpoint = params.name ?? this.endpointOf(params.method, params.url ?? params.uri ?? '')
      running.last = { endpoint, status: null }
      const place = this.placeOf(running.vu, endpoint)
      this.pending.set(params.uuid, { running, place, intended, hops: [], sent: 0, open: 0 })
    }
    next()
  }

  private trace(events: EventEmitter): void {
    const { now, redactor } = this.loaded
    learnCaptures(events, redactor)
    events.on('trace:http:request', (_params: RequestParams, uuid: string) => this.sent(uuid, now()))
    events.on('trace:http:response', (response: IncomingMessage & { req: ClientRequest }, uuid: string) => {
      const request = this.pending.get(uuid)
      // The next hop of a redirect is sent before we hear of the answer that asked for it: hops are answered in turn.
      const hop = request?.hops.shift()
      if (!request || !hop) return
      const connection = this.connections.of(response.req)
      const sent = connection?.sent ?? hop.sent
      if (connection) this.loaded.recorder.opening(request.place, connection, Math.round(now() - sent))
      response.once('end', () =>
        this.answered(request, { intended: hop.intended, sent, status: response.statusCode ?? 0, at: now() }),
      )
    })
  }

  private sent(uuid: string, at: Micros): void {
    const request = this.pending.get(uuid)
    if (!request) return
    // Each hop of a redirect is a request of its own, meant to be sent when the one before it was answered.
    const first = request.sent++ === 0
    request.hops.push({ sent: at, intended: first ? request.intended : at })
    request.open++
    request.running.sentAny = true
    this.loaded.recorder.request(request.place, 'requests')
  }

  private answered(request: Pending, hop: Hop & { status: number | null; at: Micros }): void {
    request.open--
    if (request.running.last) request.running.last.status = hop.status
    // Node's timers may fire up to a millisecond early: a request sent before its time was not late.
    const intended = Math.min(hop.intended, hop.sent)
    const { at, sent, status } = hop
    this.loaded.recorder.exchange(request.place, status, Math.round(at - intended), Math.round(at - sent))
  }

  private placeOf(vu: Vu, endpoint: string): Place {
    const apart = this.loaded.script.warmUp.includes(vu.phase)
    return this.loaded.recorder.place(endpoint, this.scenarioOf(vu), vu.phase, apart)
  }

  private scenarioOf(vu: Vu): string {
    return this.loaded.script.scenarios[vu.scenario]?.name ?? String(vu.scenario)
  }

  /** By the URL with its templates, of which a script has only so many; hooks may make more. */
  private endpointOf(method: string, url: string): string {
    const ofMethod = this.endpoints.get(method) ?? new Map<string, string>()
    this.endpoints.set(method, ofMethod)
    const known = ofMethod.get(url)
    if (known !== undefined) return known
    const endpoint = `${method} ${pathOf(url, this.loaded.script.target)}`
    if (ofMethod.size < ENDPOINTS_KEPT) ofMethod.set(url, endpoint)
    return endpoint
  }
}
