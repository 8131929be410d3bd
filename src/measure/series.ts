/** Frames in order of their second, folded once into the whole run and into spans of it. */
import { readHead } from './frame.ts'
import { Totals } from './merge.ts'

/** One span's totals; they are valid only during the call, the memory is used again for the next span. */
export type SpanVisitor = (start: number, totals: Totals) => void

/**
 * Adds every frame to the whole, and to the span that `startOf` gives for its second (−1 is before T0). Each span is
 * handed out once, in order, when the next begins. Frames must come sorted by second.
 */
export function foldSpans(
  frames: Iterable<Uint8Array>,
  spans: readonly { startOf: (second: number) => number; visit: SpanVisitor }[],
): Totals {
  const whole = new Totals()
  const open = spans.map((span) => ({ ...span, start: Number.NEGATIVE_INFINITY, totals: new Totals() }))
  const close = (span: (typeof open)[number]): void => {
    if (span.start > Number.NEGATIVE_INFINITY) span.visit(span.start, span.totals)
    span.totals.clear()
  }
  for (const bytes of frames) {
    whole.add(bytes)
    const { second } = readHead(bytes)
    for (const span of open) {
      const start = span.startOf(second)
      if (start !== span.start) {
        close(span)
        span.start = start
      }
      span.totals.add(bytes)
    }
  }
  for (const span of open) close(span)
  return whole
}
