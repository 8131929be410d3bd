/** A part of the run, in its seconds. */
export type Span = { from: number; to: number }

/** What of a wish is within the run; null when nothing would be left to see. */
export function within(whole: Span, { from, to }: Span): Span | null {
  const span = { from: Math.max(whole.from, from), to: Math.min(whole.to, to) }
  return span.to > span.from ? span : null
}
