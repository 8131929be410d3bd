/** Numbers as they stand on the screen. */
import { grouped, type Micros, microsToMillis, type Seconds } from '../units.ts'

/** Whole numbers with their thousands apart. */
export const int = (n: number): string => grouped(Math.round(n))

/** Per second. */
export const perSecond = (n: number): string => `${n >= 100 ? int(n) : n.toFixed(1)}/s`

/** Milliseconds to three signs or so; from 100 s on seconds, and saying so. */
export function ms(micros: Micros): string {
  const millis = microsToMillis(micros)
  if (millis >= 100_000) return `${(millis / 1000).toFixed(0)}s`
  return millis < 10 ? millis.toFixed(2) : millis < 100 ? millis.toFixed(1) : int(millis)
}

/** 0:07, 12:00, 1:02:03; of a time before the start, a minus. */
export function clock(at: Seconds): string {
  const seconds = Math.floor(Math.abs(at))
  const two = (n: number): string => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const text = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes)
  return `${at < 0 && seconds > 0 ? '-' : ''}${text}:${two(seconds % 60)}`
}

export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : share < 0.9995 ? 1 : 0)} %`

export const megabytes = (bytes: number): string => `${int(bytes / 2 ** 20)} MB`

/** A value of a threshold, as short as it can be told. */
export const value = (n: number | string | null): string =>
  typeof n === 'number' ? (Number.isInteger(n) ? int(n) : n.toPrecision(3)) : (n ?? '-')
