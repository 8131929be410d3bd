/** When each arrival is due, and which of them a slice owns. Due times are a function of k, never accumulated. */
import type { ArrivalIndex, Seconds } from '../units.ts'
import { type Piece, type Profile, timeInto } from './profile.ts'
import type { Slice } from './slices.ts'

/** t_k in seconds of virtual time. k must be one of the profile's arrivals. */
export function due(profile: Profile, k: ArrivalIndex): Seconds {
  const piece = profile.pieces[phaseOf(profile, k)] as Piece
  return piece.from + timeInto(piece, k)
}

/** The index of the phase that arrival k belongs to: the one whose (A(start), A(end)] holds k + ½. */
export function phaseOf(profile: Profile, k: ArrivalIndex): number {
  let low = 0
  let high = profile.pieces.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    const piece = profile.pieces[middle] as Piece
    if (k < piece.first + piece.arrivals) high = middle
    else low = middle + 1
  }
  return low
}

/** The arrivals of a slice: first, first + step, first + 2·step … below `end`. */
export type Owned = { first: ArrivalIndex; end: ArrivalIndex; step: number; count: number }

/** The arrivals that a slice owns, in time proportional to log(arrivals), whatever their number. */
export function owned(profile: Profile, { stripe, window }: Slice): Owned {
  const from = firstFrom(profile, window.from)
  // An arrival due exactly at the end of the profile belongs to the last window.
  const end = window.to >= profile.duration ? profile.arrivals : firstFrom(profile, window.to)
  const first = from + ((stripe.index - (from % stripe.of) + stripe.of) % stripe.of)
  return { first, end, step: stripe.of, count: first < end ? Math.ceil((end - first) / stripe.of) : 0 }
}

/** The least k with t_k ≥ t. Due times rise with k, so a bisection on them agrees with `due` to the bit. */
function firstFrom(profile: Profile, t: Seconds): ArrivalIndex {
  let low = 0
  let high = profile.arrivals
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (due(profile, middle) >= t) high = middle
    else low = middle + 1
  }
  return low
}
