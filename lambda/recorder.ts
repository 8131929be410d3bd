/**
 * What a worker measured since its last frame. Histograms and counters are kept between frames and only emptied, so
 * callers may hold on to a histogram and memory does not grow with the length of the run.
 */
import { ByteWriter } from '../src/measure/bytes.ts'
import { type Failure, type Health, writeFrame } from '../src/measure/frame.ts'
import { Histogram } from '../src/measure/histogram.ts'
import { type Dimension, named, plainName } from '../src/measure/names.ts'
import type { Micros } from '../src/units.ts'
import { Timer } from './timer.ts'

/** How often something was counted since the last frame. A frame carries what was counted, if it was only 0 times. */
export type Cell = { n: number; counted: boolean; held: boolean }

const DIMENSIONS = ['endpoint', 'scenario', 'phase'] as const

/**
 * Where the requests of one endpoint, scenario and phase are counted and timed: in each of the three. Looked up once a request; by
 * name each time, it cost 3 % of a request (bench/artillery).
 */
export type Place = {
  apart: boolean
  requests: readonly Cell[]
  failures: readonly Cell[]
  responses: readonly Cell[]
  response: Timer
  service: Timer
}

const CODES_A_FRAME = 10
/** Of a failure's code and message. More of it is not even looked at. */
const LONGEST_MESSAGE = 200
const LOOKED_AT = 4_000
/** Names whose cleaned spelling is kept: a script has few, what its hooks name by what they find may be without end. */
const SPELLINGS = 5_000

export class Recorder {
  private readonly cells: Map<string, Cell> = new Map()
  private readonly places: Map<string, Map<string, Place[]>> = new Map()
  private readonly statuses: Map<number, Cell> = new Map()
  private readonly failures: Map<string, Omit<Failure, 'second'>> = new Map()
  private readonly histograms: Map<string, Histogram> = new Map()
  private readonly timers: Timer[] = []
  private readonly firstByte: Timer
  private readonly dns: Timer
  private readonly tcp: Timer
  private readonly tls: Timer
  private readonly out = new ByteWriter()
  private readonly scratch = new ByteWriter()
  private readonly rows: string[] | null
  private frames = 0
  private readonly of: { slice: number; attempt: number }
  private readonly redact: (text: string) => string
  private readonly spellings: Map<string, string> = new Map()

  /** `redact`: takes out of names and failures what is secret. A name passes it once, not each time that something is counted. */
  constructor(
    of: { slice: number; attempt: number },
    rawSamples: boolean,
    redact: (text: string) => string = (text) => text,
  ) {
    this.of = of
    this.rows = rawSamples ? [] : null
    this.redact = redact
    this.firstByte = this.timer('first-byte')
    this.dns = this.timer('dns')
    this.tcp = this.timer('tcp')
    this.tls = this.timer('tls')
  }

  count(name: string, by = 1): void {
    add(this.cell(name), by)
  }

  /** Adds one microsecond value to the histogram of that name. */
  time(name: string, value: Micros): void {
    this.histogram(name).record(value)
    this.rows?.push(`${this.spelling(name)},${value}\n`)
  }

  /** Counts in the metric and in one dimension of it. */
  countIn(metric: string, dimension: Dimension, value: string | number): void {
    this.count(named(metric, dimension, value))
  }

  /** `apart`: of a warm-up phase, which counts in nothing but itself. */
  place(endpoint: string, scenario: string, phase: number, apart = false): Place {
    const ofEndpoint = this.places.get(endpoint) ?? new Map<string, Place[]>()
    this.places.set(endpoint, ofEndpoint)
    const phases = ofEndpoint.get(scenario) ?? []
    ofEndpoint.set(scenario, phases)
    const place = phases[phase] ?? this.newPlace([endpoint, scenario, phase], apart)
    phases[phase] = place
    return place
  }

  /** Counts a request of the place as sent, or as failed. */
  request(place: Place, what: 'requests' | 'failures'): void {
    for (const cell of place[what]) add(cell, 1)
  }

  /** What is counted often, to be held on to. */
  tally(name: string): Cell {
    return this.cell(name, true)
  }

  /** What is timed often, under one name or several, to be held on to. */
  timer(...names: readonly string[]): Timer {
    const timer = new Timer(names.map((name) => this.histogram(name)))
    this.timers.push(timer)
    return timer
  }

  /** One answered request. Times in microseconds: `response` from its intended start, `service` from when it was sent. */
  exchange(place: Place, status: number | null, response: Micros, service: Micros): void {
    for (const cell of place.responses) add(cell, 1)
    place.response.record(response)
    place.service.record(service)
    if (place.apart) return
    this.rows?.push(`response,${response}\nservice,${service}\n`)
    if (status === null) return
    const cell = this.statuses.get(status) ?? this.cell(named('responses', 'status', status), true)
    this.statuses.set(status, cell)
    add(cell, 1)
  }

  /** What came before an answer's first byte: making the connection, -1 where it was open already or had no such step, and waiting for it. */
  opening(
    { apart }: Place,
    { dns, tcp, tls }: Readonly<Record<'dns' | 'tcp' | 'tls', Micros>>,
    firstByte: Micros,
  ): void {
    if (apart) return
    this.firstByte.record(firstByte)
    if (dns >= 0) this.dns.record(Math.round(dns))
    if (tcp >= 0) this.tcp.record(Math.round(tcp))
    if (tls >= 0) this.tls.record(Math.round(tls))
  }

  /** Keeps the first of each code until the next frame, and not more than a few codes. */
  failure(failure: Omit<Failure, 'second'>): void {
    if (this.failures.size >= CODES_A_FRAME || this.failures.has(failure.code)) return
    const { code, message, scenario, endpoint } = failure
    this.failures.set(code, {
      ...failure,
      ...{ code: this.briefly(code), message: this.briefly(message), scenario: this.spelling(scenario) },
      endpoint: endpoint === null ? null : this.spelling(endpoint),
    })
  }

  /** How many frames have been cut so far. */
  get cuts(): number {
    return this.frames
  }

  /** The bytes of a frame over everything since the last cut, good until the next one. */
  cut(second: number, health: Health): Uint8Array {
    const head = { ...this.of, seq: this.frames++, second, health }
    for (const timer of this.timers) timer.settle()
    const counters = new Map<string, number>()
    for (const [name, cell] of this.cells) {
      if (cell.counted) counters.set(name, cell.n)
      else if (!cell.held) this.cells.delete(name)
      cell.n = 0
      cell.counted = false
    }
    const failures = [...this.failures.values()].map((failure) => ({ ...failure, second }))
    this.failures.clear()
    const body = { counters, histograms: this.histograms, failures }
    const bytes = writeFrame(head, body, this.out, this.scratch)
    for (const histogram of this.histograms.values()) histogram.clear()
    return bytes
  }

  /** The raw samples since the last call as CSV, or null when they are not kept. */
  takeRows(): Uint8Array | null {
    return this.rows === null || this.rows.length === 0 ? null : new TextEncoder().encode(this.rows.splice(0).join(''))
  }

  private newPlace(values: readonly (string | number)[], apart: boolean): Place {
    const names = (metric: string): string[] => {
      const own = DIMENSIONS.map((dimension, i) => named(metric, dimension, values[i] as string | number))
      return apart ? own.slice(DIMENSIONS.indexOf('phase')) : [metric, ...own]
    }
    const cells = (metric: string): Cell[] => names(metric).map((name) => this.cell(name, true))
    const timer = (metric: string): Timer => this.timer(...names(metric))
    return {
      apart,
      ...{ requests: cells('requests'), failures: cells('failures'), responses: cells('responses') },
      ...{ response: timer('response'), service: timer('service') },
    }
  }

  /** `held`: somebody keeps it; it stays when nothing is counted in it. */
  private cell(name: string, held = false): Cell {
    const known = this.cells.get(name)
    if (known !== undefined && (known.held || !held)) return known
    const spelt = this.spelling(name)
    const cell = this.cells.get(spelt) ?? { n: 0, counted: false, held }
    this.cells.set(spelt, cell)
    if (held) cell.held = true
    return cell
  }

  private histogram(name: string): Histogram {
    const known = this.histograms.get(name)
    if (known) return known
    const spelt = this.spelling(name)
    const histogram = this.histograms.get(spelt) ?? new Histogram()
    this.histograms.set(spelt, histogram)
    return histogram
  }

  /** The name as everybody may read it. */
  private spelling(name: string): string {
    const known = this.spellings.get(name)
    if (known !== undefined) return known
    const spelt = plainName(this.redact(name))
    if (this.spellings.size < SPELLINGS) this.spellings.set(name, spelt)
    return spelt
  }

  private briefly(text: string): string {
    return plainName(this.redact(text.slice(0, LOOKED_AT)).slice(0, LONGEST_MESSAGE))
  }
}

export function add(cell: Cell, by: number): void {
  cell.n += by
  cell.counted = true
}
