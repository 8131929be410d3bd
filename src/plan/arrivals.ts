/** When each arrival is due, and which of them a slice owns. Due times are a function of k, never accumulated. */
import type { ArrivalIndex, Seconds } from '../units.ts'
import { type Piece, type Profile, timeOnCurve } from './profile.ts'
import type { Slice } from './slices.ts'

/** t_k in seconds of virtual time. k must be one of the profile's arrivals. */
export const due = (profile: Profile, k: ArrivalIndex): Seconds => dueIn(pieceOf(profile, k), k)

/** The same when the piece is known. */
export const dueIn = ({ from, into, curve }: Piece, k: ArrivalIndex): Seconds =>
  from + Math.max(timeOnCurve(curve, k) - into, 0)

/** The piece that arrival k belongs to: on even arrivals the one whose (A(start), A(end)] holds k + ½. */
export function pieceOf({ pieces }: Profile, k: ArrivalIndex): Piece {
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    const piece = pieces[middle] as Piece
    if (k < piece.first + piece.arrivals) high = middle
    else low = middle + 1
  }
  return pieces[low] as Piece
}

/** The arrivals of a slice: first, first + step, first + 2·step … below `end`. */
export type Owned = { first: ArrivalIndex; end: ArrivalIndex; step: number; count: number }

/** The arrivals that a slice owns, in time proportional to log(arrivals), whatever their number. */
export const owned = (profile: Profile, { stripe, window }: Slice): Owned =>
  ownedOf(arrivalsIn(profile, window), stripe)

/** Every arrival of a window: from `first` up to, not including, `end`. */
export function arrivalsIn(
  profile: Profile,
  { from, to }: { from: Seconds; to: Seconds },
): Pick<Owned, 'first' | 'end'> {
  // An arrival due exactly at the end of the profile belongs to the last window.
  return {
    first: firstFrom(profile, from),
    end: to >= profile.duration ? profile.arrivals : firstFrom(profile, to),
  }
}

/** A stripe's part of a window's arrivals. */
export function ownedOf({ first: from, end }: Pick<Owned, 'first' | 'end'>, { index, of }: Slice['stripe']): Owned {
  const first = from + ((index - (from % of) + of) % of)
  return { first, end, step: of, count: first < end ? Math.ceil((end - first) / of) : 0 }
}

/** The least k with t_k ≥ t. Due times rise with k, so a bisection on them agrees with `due` to the bit. */
function firstFrom({ pieces, arrivals }: Profile, t: Seconds): ArrivalIndex {
  for (const piece of pieces) {
    // The last arrival of a piece may be due in the very moment in which the next begins.
    const last = piece.first + piece.arrivals - 1
    if (piece.arrivals > 0 && dueIn(piece, last) >= t) return firstIn(piece, t)
  }
  return arrivals
}

/** The least k of a piece with t_k ≥ t, or the one after its last. */
export function firstIn(piece: Piece, t: Seconds): ArrivalIndex {
  let low = piece.first
  let high = piece.first + piece.arrivals
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (dueIn(piece, middle) >= t) high = middle
    else low = middle + 1
  }
  return low
}
