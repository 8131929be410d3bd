import { distance } from 'fastest-levenshtein'

/** How much of a word may differ for a suggestion; a slip, which is an error by itself, must be closer. */
export const SUGGESTION = 0.5
export const SLIP = 0.34

/** The known word that `word` is probably meant to be, or null when none differs by at most `share` of its letters. */
export function near(word: string, known: readonly string[], share: number): string | null {
  const far = (candidate: string): number => distance(word.toLowerCase(), candidate.toLowerCase())
  const best = known.toSorted((a, b) => far(a) - far(b))[0]
  return best !== undefined && far(best) <= share * best.length ? best : null
}
