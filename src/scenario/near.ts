import { distance } from 'fastest-levenshtein'

/** The known word that `word` is probably meant to be, or null. */
export function near(word: string, known: readonly string[]): string | null {
  const far = (candidate: string): number => distance(word.toLowerCase(), candidate.toLowerCase())
  const best = known.toSorted((a, b) => far(a) - far(b))[0]
  return best !== undefined && far(best) <= Math.max(1, Math.floor(best.length / 3)) ? best : null
}
