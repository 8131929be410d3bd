/** Generated input for the property tests, and the short words that tests build phases and frames with. */
import fc from 'fast-check'
import { ByteWriter } from '../../src/measure/bytes.ts'
import { type Failure, writeFrame } from '../../src/measure/frame.ts'
import { Histogram } from '../../src/measure/histogram.ts'
import { due } from '../../src/plan/arrivals.ts'
import type { Epoch } from '../../src/plan/epochs.ts'
import type { Load, Phase, Profile } from '../../src/plan/profile.ts'
import type { Window } from '../../src/plan/slices.ts'

// Phases by hand

const phase = (duration: number, load: Load): Phase => ({ name: load.kind, duration, load, maxVusers: null })
export const constant = (rate: number, duration: number): Phase =>
  phase(duration, { kind: 'rate', from: rate, to: rate })
export const ramp = (from: number, to: number, duration: number): Phase => phase(duration, { kind: 'rate', from, to })
export const count = (arrivals: number, duration: number): Phase => phase(duration, { kind: 'count', arrivals })
export const poisson = (from: number, to: number, duration: number): Phase =>
  phase(duration, { kind: 'poisson', from, to })
export const pause = (duration: number): Phase => phase(duration, { kind: 'pause' })

// Phases by chance

/** A decimal as a person would write it, with up to `digits` after the point: 0.7, 12.25, 3. */
const decimal = (least: number, most: number, digits: number): fc.Arbitrary<number> =>
  fc.integer({ min: least * 10 ** digits, max: most * 10 ** digits }).map((n) => Number(`${n}e-${digits}`))

type Size = { rate: number; duration: number; arrivals: number }

const rates = ({ rate }: Size): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(0.1, 0.3, 0.5, 0.7, 1),
    fc.integer({ min: 1, max: rate }),
    decimal(0, rate, 1),
    decimal(0, rate, 3),
  )

const durations = ({ duration }: Size): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(0.5, 1, 12.25, 45).map((seconds) => Math.min(seconds, duration)),
    fc.integer({ min: 1, max: duration }),
    decimal(1, duration, 2),
    decimal(1, duration, 3).map((seconds) => Number((seconds / 10).toFixed(3))),
  )

const loads = (size: Size): fc.Arbitrary<Load> => {
  const rate = rates(size)
  const withZero = fc.oneof({ weight: 3, arbitrary: rate }, { weight: 1, arbitrary: fc.constant(0) })
  return fc.oneof(
    { weight: 3, arbitrary: rate.map((at): Load => ({ kind: 'rate', from: at, to: at })) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('rate' as const), from: withZero, to: withZero }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('count' as const), arrivals: fc.nat(size.arrivals) }) },
    { weight: 1, arbitrary: fc.constant<Load>({ kind: 'pause' }) },
  )
}

/** The same, and as many again drawn by chance around the rates that they would have. */
const anyLoads = (size: Size): fc.Arbitrary<Load> =>
  fc
    .tuple(loads(size), fc.boolean())
    .map(([load, drawn]) => (drawn && load.kind === 'rate' ? { ...load, kind: 'poisson' } : load))

const phasesOf = (size: Size, loads: (size: Size) => fc.Arbitrary<Load>): fc.Arbitrary<Phase[]> =>
  fc.array(
    fc.tuple(durations(size), loads(size)).map(([duration, load]) => phase(duration, load)),
    { minLength: 1, maxLength: 6 },
  )

/** 1 to 6 phases of every even kind, at most some 3,000 arrivals. */
export const phases: fc.Arbitrary<Phase[]> = phasesOf({ rate: 40, duration: 13, arrivals: 300 }, loads)
/** The same with phases of `mode: poisson` among them. */
export const anyPhases: fc.Arbitrary<Phase[]> = phasesOf({ rate: 40, duration: 13, arrivals: 300 }, anyLoads)
/** The same as `phases`, over hours and at thousands a second, up to some 100 million arrivals: look at a few of them only. */
export const longPhases: fc.Arbitrary<Phase[]> = phasesOf({ rate: 5000, duration: 4000, arrivals: 1_000_000 }, loads)

export const seeds: fc.Arbitrary<number> = fc.oneof(fc.nat(), fc.maxSafeNat())

// Steering

/** 0 to 5 epochs in order, the first at the run's start or later, some after its end; pauses need not be resumed. */
export const epochs: fc.Arbitrary<Epoch[]> = fc
  .array(
    fc.tuple(
      fc.oneof(fc.integer({ min: 0, max: 60 }), decimal(0, 60, 3)),
      fc.oneof(
        fc.constantFrom(0, 0.5, 1, 2).map((scale) => ({ kind: 'scale' as const, scale })),
        decimal(0, 3, 2).map((scale) => ({ kind: 'scale' as const, scale })),
        fc.constant({ kind: 'pause' as const }),
        fc.constant({ kind: 'resume' as const }),
        fc.constant({ kind: 'end-phase' as const }),
      ),
    ),
    { maxLength: 5 },
  )
  .map((list) => list.map(([at, change]) => ({ at, ...change })).toSorted((a, b) => a.at - b.at))

// Windows

/** Where to cut time: anywhere, at a seam of the phases, or to the bit where an arrival is due. */
export type Cut = { at: 'share' | 'seam' | 'arrival'; where: number }

export const cuts: fc.Arbitrary<Cut[]> = fc.array(
  fc.record({ at: fc.constantFrom('share', 'seam', 'arrival'), where: fc.double({ min: 0, max: 1, noNaN: true }) }),
  { maxLength: 5 },
)

/** Numbers of workers, one for each window in turn. */
export const workerCounts: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 50 }), {
  minLength: 1,
  maxLength: 6,
})

/** The windows that cuts make of a profile: they tile [0, D). */
export function windowsOf(profile: Profile, where: readonly Cut[], workers: readonly number[]): Window[] {
  const inner = where.map((cut) => timeOf(cut, profile)).filter((t) => t > 0 && t < profile.duration)
  const edges = [0, ...inner.toSorted((a, b) => a - b), profile.duration]
  return edges.slice(1).map((to, i) => ({ from: edges[i] ?? 0, to, workers: workers[i % workers.length] ?? 1 }))
}

function timeOf({ at, where }: Cut, profile: Profile): number {
  const pick = (length: number): number => Math.min(Math.floor(where * length), length - 1)
  if (at === 'arrival' && profile.arrivals > 0) return due(profile, pick(profile.arrivals))
  if (at === 'seam') return profile.pieces[pick(profile.pieces.length)]?.from ?? 0
  return where * profile.duration
}

// Measurements

/** Microseconds as they come: many short ones, some over an hour, a few of the edges of buckets. */
export const micros: fc.Arbitrary<number> = fc.oneof(
  fc.nat(5_000),
  fc.nat(2_000_000),
  fc.integer({ min: 0, max: 3_600_000_000 }),
  fc.integer({ min: 2 ** 31 - 5_000, max: 2 ** 31 + 5_000 }),
  fc
    .tuple(fc.integer({ min: 0, max: 31 }), fc.integer({ min: -1, max: 1 }))
    .map(([n, off]) => Math.max(0, 2 ** n + off)),
)

export const histogramOf = (values: readonly number[]): Histogram => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

/** A frame in words; everything left out is zero or empty. */
export type FrameSketch = {
  slice?: number
  attempt?: number
  seq?: number
  second?: number
  memoryBytes?: number
  inFlight?: number
  counters?: Record<string, number>
  samples?: Record<string, readonly number[]>
  failures?: readonly Failure[]
}

export function frameBytes({ counters = {}, samples = {}, failures = [], ...head }: FrameSketch): Uint8Array {
  const { slice = 0, attempt = 1, seq = 0, second = 0, memoryBytes = 0, inFlight = 0 } = head
  const histograms = Object.entries(samples).map(([name, values]) => [name, histogramOf(values)] as const)
  const bytes = writeFrame(
    {
      slice,
      attempt,
      seq,
      second,
      health: {
        span: 1_000_000,
        files: 40,
        fileLimit: 1_024,
        ports: 60,
        portLimit: 28_232,
        cpu: 0,
        loopDelayMax: 0,
        memoryBytes,
        inFlight,
      },
    },
    { counters: new Map(Object.entries(counters)), histograms: new Map(histograms), failures },
    new ByteWriter(),
    new ByteWriter(),
  )
  return bytes.slice()
}
