/**
 * Can the generator be trusted? A worker that starts its arrivals late, or has next to no processor or sockets left, measures
 * itself as much as the target: it is `late` while that has been so for 3 s, and at once when its machine refused it a connection. One that cuts no frame for 5 s is `silent`: it was stuck. The run's trust follows from how many of its arrivals came from workers that were not ok.
 */
import type { Micros, Seconds } from '../units.ts'

export const LATE: Micros = 50_000
const BUSY = 0.9
const LATE_SECONDS = 3
const SILENT: Seconds = 5
const INVALID_SHARE = 0.2

/** What made a worker late: its arrivals' lateness, its processor, its sockets, its local ports. */
export const CAUSES = ['lateness', 'cpu', 'sockets', 'ports'] as const
export type Cause = (typeof CAUSES)[number]

/**
 * Errors of requests that are the generator's own, by what its machine had none left of. Ports are judged by these alone: how many
 * are taken says little, since each destination has the whole range to itself, and whether a port that waits after its closing is
 * given out again is the kernel's affair.
 */
export const REFUSALS: Readonly<Record<string, 'sockets' | 'ports'>> = {
  ...{ EMFILE: 'sockets', ENFILE: 'sockets', EADDRNOTAVAIL: 'ports' },
}

/**
 * One worker's record so far. `heardOf`: the second of its last frame, and `atWork` how many virtual users were then. `lateSince`: since which second it has been late (null: it is
 * not), and `refusedAt` when its machine last refused it a connection. `lateArrivals` counts what came from it while it was late, `silentArrivals` what it launched while it was silent. `causes`: in
 * how many frames each held while it was late. `pending` and `pendingCauses` are of seconds that may yet come to count.
 */
export type Condition = {
  heardOf: Seconds | null
  atWork: number
  lateSince: number | null
  refusedAt: Seconds | null
  lateArrivals: number
  pending: number
  causes: Record<Cause, number>
  pendingCauses: Record<Cause, number>
  silences: number
  silentArrivals: number
}

const NONE: Record<Cause, number> = { lateness: 0, cpu: 0, sockets: 0, ports: 0 }

export const ok = (): Condition => ({
  ...{ heardOf: null, atWork: 0, lateSince: null, lateArrivals: 0, pending: 0, causes: NONE, pendingCauses: NONE },
  refusedAt: null,
  ...{ silences: 0, silentArrivals: 0 },
})

/**
 * `cpu` and `sockets` are shares: of one processor over the frame's time, and of the files that a worker may open. `atWork`: virtual
 * users at its end. `span`: how long the frame took to be cut. `refused`: connections for which its machine had no file or port.
 */
export type Strain = {
  second: Seconds
  span: Seconds
  latenessP99: Micros
  launched: number
  atWork: number
  cpu: number
  sockets: number
  refused: Readonly<Record<'sockets' | 'ports', number>>
}

/**
 * The record with one more frame. By seconds, not by frames: a worker that is too busy to be on time may be too busy to send a frame
 * each second. Who was at work when it began is as late as who was launched while it lasted. A second without arrivals says
 * nothing of lateness.
 */
export function judgeFrame(worker: Condition, frame: Strain): Condition {
  const before = afterSilence(worker, frame)
  if (frame.refused.sockets + frame.refused.ports > 0) return afterRefusal(before, frame)
  const now = {
    ...NONE,
    lateness: Number(frame.latenessP99 > LATE),
    cpu: Number(frame.cpu > BUSY),
    sockets: Number(frame.sockets > BUSY),
  }
  if (now.lateness + now.cpu + now.sockets === 0) {
    return frame.launched === 0 ? before : { ...before, lateSince: null, pending: 0, pendingCauses: NONE }
  }
  const lateSince = before.lateSince ?? frame.second
  const pending = before.pending + frame.launched + (before.lateSince === null ? worker.atWork : 0)
  const pendingCauses = plus(before.pendingCauses, now)
  if (frame.second + Math.max(1, frame.span) - lateSince < LATE_SECONDS)
    return { ...before, lateSince, pending, pendingCauses }
  return {
    ...before,
    lateSince,
    lateArrivals: before.lateArrivals + pending,
    pending: 0,
    causes: plus(before.causes, pendingCauses),
    pendingCauses: NONE,
  }
}

function afterSilence(worker: Condition, { second, launched, atWork }: Strain): Condition {
  const heardOf = Math.max(second, worker.heardOf ?? second)
  if (worker.heardOf === null || second - worker.heardOf <= SILENT) return { ...worker, heardOf, atWork }
  const { silences, silentArrivals } = worker
  return { ...worker, heardOf, atWork, silences: silences + 1, silentArrivals: silentArrivals + launched }
}

/** No strain but a fact: who was launched in that second, or failed by it, counts at once. What strained it then says no more. */
function afterRefusal(worker: Condition, { second, refused: { sockets, ports }, launched }: Strain): Condition {
  const causes = plus(worker.causes, { ...NONE, sockets: Number(sockets > 0), ports: Number(ports > 0) })
  const lateArrivals = worker.lateArrivals + Math.max(launched, sockets + ports)
  return { ...worker, refusedAt: second, causes, lateArrivals }
}

const plus = (a: Record<Cause, number>, b: Record<Cause, number>): Record<Cause, number> => ({
  lateness: a.lateness + b.lateness,
  cpu: a.cpu + b.cpu,
  sockets: a.sockets + b.sockets,
  ports: a.ports + b.ports,
})

export const isLate = (worker: Condition): boolean => worker.lateArrivals > 0
export const wasSilent = (worker: Condition): boolean => worker.silences > 0

/** Arrivals that a worker launched while it was not ok: late or silent, whichever were more. */
export const notOk = (worker: Condition): number => Math.max(worker.lateArrivals, worker.silentArrivals)

export type Trust = 'trusted' | 'degraded' | 'invalid'

export function trustOf(arrivals: { all: number; fromWorkersNotOk: number }): Trust {
  if (arrivals.fromWorkersNotOk === 0) return 'trusted'
  return arrivals.fromWorkersNotOk > INVALID_SHARE * arrivals.all ? 'invalid' : 'degraded'
}
