/** Numbers on axes and beside charts. */

/** A moment of the run: in seconds, or as minutes or hours and so on when it is long. */
export function moment(second: number): string {
  if (second < 120) return `${Number(second.toFixed(1))} s`
  const whole = Math.round(second)
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number): string => String(n).padStart(2, '0')
  return hours === 0 ? `${minutes}:${two(seconds)}` : `${hours}:${two(minutes)}:${two(seconds)}`
}

/** As short as it can be read: 0.4, 12, 1,500. */
export const short = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 3 })

/** The percentile at `x` = 1 / (1 − share), the scale on which each further nine is as far as the one before. */
export const percentAt = (x: number): string => `${Number((100 * (1 - 1 / x)).toFixed(6))} %`
