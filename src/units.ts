/**
 * Numbers that carry their unit. A plain number may become any of them (a literal, the result of arithmetic);
 * one unit cannot become another except through the conversions below, which are the only ones in the product.
 */
export type Seconds = number & { readonly unit?: 'seconds' }
export type Millis = number & { readonly unit?: 'millis' }
export type Micros = number & { readonly unit?: 'micros' }
/** The k of the k-th virtual user of a run, counted from 0. */
export type ArrivalIndex = number & { readonly unit?: 'arrival' }
export type Usd = number & { readonly unit?: 'usd' }
/** What every random choice of a run hangs on: an integer from 0 to 2^53 − 1. */
export type Seed = number & { readonly unit?: 'seed' }

/** Seconds of virtual time to whole microseconds, to the nearest. */
export const toMicros = (t: Seconds): Micros => Math.round((t as number) * 1e6)
/** Whole microseconds to the milliseconds that people read, three decimals. */
export const microsToMillis = (t: Micros): Millis => (t as number) / 1e3
export const millisToMicros = (t: Millis): Micros => Math.round((t as number) * 1e3)

/** A number as people read it, as Intl writes it for en-US: thousands apart, at most so many decimals. Intl takes a tenth of what `slsart plan` does to get ready. */
export function grouped(n: number, decimals = 3): string {
  const [whole = '', part = ''] = n.toFixed(decimals).split('.')
  const kept = part.replace(/0+$/, '')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${kept && '.'}${kept}`
}
