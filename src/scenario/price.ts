/** `config.slsart.price`: what the user pays in USD, where that is not what the table says. */
import * as z from 'zod'
import type { OwnPrice } from '../plan/tariff.ts'

const usd = z.number().positive()

export const priceSchema = z
  .strictObject({ usdPerWorkerHour: usd.optional(), usdPerGbSecond: usd.optional() })
  .refine(
    ({ usdPerWorkerHour, usdPerGbSecond }) => (usdPerWorkerHour === undefined) !== (usdPerGbSecond === undefined),
    'must say either usdPerWorkerHour or usdPerGbSecond',
  )

/** Null when none is written. */
export function readPrice({ usdPerWorkerHour, usdPerGbSecond }: z.infer<typeof priceSchema> = {}): OwnPrice | null {
  if (usdPerWorkerHour !== undefined) return { usdPerWorkerHour }
  return usdPerGbSecond === undefined ? null : { usdPerGbSecond }
}
