/**
 * Steering while it runs: the schedule is a function of the profile and the epochs, so every worker that has read them
 * computes the same one, and every arrival keeps exactly one owner.
 *
 *   scale      λ is the script's times `scale` from then on (not times the scale before it)
 *   pause      virtual time stops: what was due later becomes due later by as long as the pause
 *   resume     virtual time goes on
 *   end-phase  virtual time jumps to the end of the phase that it is in
 *
 * What is due before an epoch stays due at the same moment, to the bit. Held by test/property/epochs.test.ts.
 */
import type { Seconds } from '../units.ts'
import { firstIn } from './arrivals.ts'
import { add, type Exact, exact, half, subtract, times, zero } from './exact.ts'
import { areaInto, lay, type Piece, type Profile, type Stretch } from './profile.ts'

/** What can be asked of a load that is on. */
export type Steering = { kind: 'scale'; scale: number } | { kind: 'pause' } | { kind: 'resume' } | { kind: 'end-phase' }

/** `at`: seconds since the run began, pauses included. */
export type Epoch = { at: Seconds } & Steering

/**
 * The profile as the epochs, in order of `at`, have made it; its times count pauses. A profile that ends in a pause ends
 * there. `profile` must not have been steered: a later epoch is added to the list, not to the result.
 */
export function steer(profile: Profile, epochs: readonly Epoch[]): Profile {
  const past: Piece[] = []
  let ahead: readonly Piece[] = profile.pieces
  let pausedAt: Seconds | null = null
  let scale = 1
  epochs.forEach((epoch, index) => {
    const [before, after] = cut(ahead, pausedAt ?? epoch.at)
    past.push(...before)
    ahead = after
    const [next] = ahead
    if (next && (epoch.kind === 'scale' || epoch.kind === 'end-phase')) {
      if (epoch.kind === 'scale') scale = epoch.scale
      else ahead = ahead.filter(({ phase }) => phase !== next.phase)
      const { from, first } = next
      ahead = relaid(profile, ahead, { scale, generation: index + 1, from, first, owed: owedAfter(past) })
    }
    if (epoch.kind === 'pause') pausedAt ??= epoch.at
    if (epoch.kind === 'resume' && pausedAt !== null) {
      const pause = epoch.at - pausedAt
      ahead = ahead.map((piece) => ({ ...piece, from: piece.from + pause }))
      pausedAt = null
    }
  })
  const pieces = pausedAt === null ? [...past, ...ahead] : past
  const last = pieces.at(-1)
  if (!last) return { duration: 0, arrivals: 0, pieces }
  return { duration: last.from + last.duration, arrivals: last.first + last.arrivals, pieces }
}

/** Of the script's arrival rates, after these. */
export const scaleOf = (epochs: readonly Epoch[]): number =>
  epochs.findLast((epoch) => epoch.kind === 'scale')?.scale ?? 1

/** Whether the load stands still after these. */
export const isPaused = (epochs: readonly Epoch[]): boolean =>
  epochs.findLast(({ kind }) => kind === 'pause' || kind === 'resume')?.kind === 'pause'

/** Pieces before and after a moment; the one it falls into lies in both, on the same curve. */
function cut(pieces: readonly Piece[], at: Seconds): [Piece[], Piece[]] {
  const before = pieces.filter((piece) => piece.from + piece.duration <= at)
  const [piece, ...after] = pieces.slice(before.length)
  if (!piece) return [before, []]
  if (piece.from >= at) return [before, [piece, ...after]]
  const end = piece.first + piece.arrivals
  const first = firstIn(piece, at)
  const done = at - piece.from
  return [
    [...before, { ...piece, duration: done, arrivals: first - piece.first }],
    [
      {
        ...piece,
        ...{ from: at, duration: piece.duration - done, into: piece.into + done, first, arrivals: end - first },
      },
      ...after,
    ],
  ]
}

/** Draws after a change of scale are new ones, so that those before it do not bear on them. */
const GENERATION = 4_294_967_296

type Relay = { scale: number; generation: number; from: Seconds; first: number; owed: Exact }

/** What lies ahead, laid anew from a moment and an arrival on, with the script's λ times `scale`. */
function relaid(
  { pieces }: Profile,
  ahead: readonly Piece[],
  { scale, generation, from, first, owed }: Relay,
): readonly Piece[] {
  const stretches = ahead.map(({ phase, name, maxVusers, into }): Stretch => {
    const { startRate, endRate, duration, draws } = (pieces[phase] as Piece).curve
    const line = { startRate: startRate * scale, endRate: endRate * scale, duration, draws: null }
    const area = (x: Seconds): Exact => times(exact(scale), areaInto({ ...line, startRate, endRate }, exact(x)))
    const before = area(into)
    const own = draws && { ...draws, cell: draws.cell + generation * GENERATION }
    return {
      ...{ phase, name, maxVusers, into, before },
      line: { ...line, draws: own },
      area: subtract(area(duration), before),
    }
  })
  return lay(stretches, { from: exact(from), first, owed }).pieces
}

/** The area of even arrivals that no arrival stands for yet, at the end of these pieces. */
function owedAfter(pieces: readonly Piece[]): Exact {
  const piece = pieces.findLast(({ curve }) => curve.draws === null)
  if (!piece) return zero
  const { curve, into, duration, first, arrivals } = piece
  const since = subtract(areaInto(curve, exact(into + duration)), exact(curve.lead))
  return subtract(add(since, half), exact(first + arrivals - curve.first))
}
