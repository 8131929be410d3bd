/**
 * Steering while it runs: the schedule is a function of the profile and the epochs, so every worker that has read them
 * computes the same one, and every arrival keeps exactly one owner.
 *
 *   scale    λ is the script's times `scale` from then on (not times the scale before it)
 *   pause    virtual time stops: what was due later becomes due later by as long as the pause
 *   resume   virtual time goes on
 *
 * What is due before an epoch stays due at the same moment, to the bit. Held by test/property/epochs.test.ts.
 */
import type { Seconds } from '../units.ts'
import { firstIn } from './arrivals.ts'
import { add, type Exact, exact, half, subtract, times, zero } from './exact.ts'
import { areaInto, lay, type Piece, type Profile, type Stretch } from './profile.ts'

/** `at`: seconds since the run began, pauses included. */
export type Epoch = { at: Seconds } & ({ kind: 'scale'; scale: number } | { kind: 'pause' } | { kind: 'resume' })

/**
 * The profile as the epochs, in order of `at`, have made it; its times count pauses. A profile that ends in a pause ends
 * there. `profile` must not have been steered: a later epoch is added to the list, not to the result.
 */
export function steer(profile: Profile, epochs: readonly Epoch[]): Profile {
  const past: Piece[] = []
  let ahead: readonly Piece[] = profile.pieces
  let pausedAt: Seconds | null = null
  epochs.forEach((epoch, index) => {
    const [before, after] = cut(ahead, pausedAt ?? epoch.at)
    past.push(...before)
    ahead = after
    if (epoch.kind === 'scale') ahead = scaled(profile, { past, ahead }, epoch.scale, index + 1)
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

/** What lies ahead with the script's λ times `scale`. */
function scaled(
  { pieces }: Profile,
  { past, ahead }: { past: readonly Piece[]; ahead: readonly Piece[] },
  scale: number,
  generation: number,
): readonly Piece[] {
  const [next] = ahead
  if (!next) return []
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
  return lay(stretches, { from: exact(next.from), first: next.first, owed: owedAfter(past) }).pieces
}

/** The area of even arrivals that no arrival stands for yet, at the end of these pieces. */
function owedAfter(pieces: readonly Piece[]): Exact {
  const piece = pieces.findLast(({ curve }) => curve.draws === null)
  if (!piece) return zero
  const { curve, into, duration, first, arrivals } = piece
  const since = subtract(areaInto(curve, exact(into + duration)), exact(curve.lead))
  return subtract(add(since, half), exact(first + arrivals - curve.first))
}
