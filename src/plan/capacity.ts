/**
 * How many workers a stretch of the profile needs: the least number that satisfies every limit at its peak, and which
 * limit decided. Little's law gives the virtual users at work: arrival rate × how long each lives.
 */
import type { Seconds } from '../units.ts'

/** What one virtual user is expected to be: requests, and seconds from its start to its end. */
export type VuShape = { requests: number; seconds: Seconds }

/**
 * What one worker can do. `cpu` is the share of its processor that may be spoken for: above it, lateness grows.
 * `vuSeconds` and `requestSeconds` are processor time for a virtual user and for each of its requests.
 */
export type WorkerPower = {
  cpu: number
  vuSeconds: Seconds
  requestSeconds: Seconds
  connections: number
  megabits: number
  megabitsPerRequest: number
}

/**
 * Artillery's engine on one vCPU. Measured here on one core (bench/engine): 0.70 to 0.82 ms of processor for a virtual user
 * with one request, 0.37 to 0.43 ms for each further one; some 50 % more for slower processors. 30 % of the
 * processor may be spoken for: the rest is for bursts, and keeps lateness small. 800 connections stay clear of Lambda's
 * 1,024 file descriptors; 625 Mbit/s is what an environment is given, at an assumed 8 kB a request both ways.
 */
export const artilleryPower: WorkerPower = {
  cpu: 0.3,
  vuSeconds: 0.0006,
  requestSeconds: 0.00065,
  connections: 800,
  megabits: 625,
  megabitsPerRequest: 0.064,
}

/**
 * Our own engine on one vCPU, of which the same share may be spoken for; its limits are the machine's. Measured on one core (bench/native): 82 µs for a
 * virtual user with a connection and one request, 23 µs for each further one; a quarter more for slower processors.
 */
export const nativePower: WorkerPower = { ...artilleryPower, vuSeconds: 0.0001, requestSeconds: 0.00003 }

/** Virtual users of one scenario: their share of the arrivals, the requests of each, and what its engine makes of a worker. */
export type Kind = { share: number; requests: number; power: WorkerPower }

/**
 * A worker whose virtual users are of several kinds. Of its processor it gives the mean one what all of them take by their
 * shares; the other limits are the strictest.
 */
export function meanPower(kinds: readonly Kind[]): WorkerPower {
  const sum = (of: (kind: Kind) => number): number => kinds.reduce((total, kind) => total + kind.share * of(kind), 0)
  const least = (limit: 'cpu' | 'connections' | 'megabits'): number =>
    Math.min(...kinds.map(({ power }) => power[limit]))
  const requests = sum((kind) => kind.requests)
  return {
    vuSeconds: sum(({ power }) => power.vuSeconds),
    requestSeconds: requests === 0 ? 0 : sum((kind) => kind.requests * kind.power.requestSeconds) / requests,
    ...{ cpu: least('cpu'), connections: least('connections'), megabits: least('megabits') },
    megabitsPerRequest: Math.max(...kinds.map(({ power }) => power.megabitsPerRequest)),
  }
}

export type DecidedBy = 'limit' | 'cpu' | 'connections' | 'bandwidth' | 'max-vusers' | 'asked' | 'regions' | 'least'
export type Need = { workers: number; decidedBy: DecidedBy }

/** Arrivals per second that one worker can start and serve. */
export const arrivalRatePerWorker = ({ cpu, vuSeconds, requestSeconds }: WorkerPower, { requests }: VuShape): number =>
  cpu / (vuSeconds + requestSeconds * requests)

/**
 * For a stretch whose arrival rate never exceeds `peak`, with at most `maxVusers` virtual users at once, when no worker may
 * start more than `limit` a second (null: no such cap).
 */
export function leastWorkers(
  peak: number,
  maxVusers: number | null,
  shape: VuShape,
  power: WorkerPower,
  limit: number | null = null,
): Need {
  const alive = Math.min(peak * shape.seconds, maxVusers ?? Number.POSITIVE_INFINITY)
  const needs: Need[] = [
    { workers: 1, decidedBy: 'least' },
    { workers: limit === null ? 0 : atLeast(peak / limit), decidedBy: 'limit' },
    { workers: atLeast(peak / arrivalRatePerWorker(power, shape)), decidedBy: 'cpu' },
    { workers: atLeast(alive / power.connections), decidedBy: 'connections' },
    { workers: atLeast((peak * shape.requests * power.megabitsPerRequest) / power.megabits), decidedBy: 'bandwidth' },
  ]
  const need = needs.reduce((most, one) => (one.workers > most.workers ? one : most))
  // A worker whose share of maxVusers is 0 could start nothing.
  return maxVusers !== null && need.workers > maxVusers ? { workers: maxVusers, decidedBy: 'max-vusers' } : need
}

/** The next whole number, unless x is one but for rounding. */
const atLeast = (x: number): number => Math.ceil(x - 1e-9)
