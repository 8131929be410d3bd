/** The page's colours for its canvases. They stand in page.css alone; blue, orange and grey nearly everybody can tell apart. */
import type { Tone } from './lines.ts'

const PRINTED = 'printed'
let read = new Map<Tone, string>()

export function colour(tone: Tone): string {
  const known = read.get(tone) ?? getComputedStyle(document.documentElement).getPropertyValue(`--${tone}`)
  read.set(tone, known)
  return known
}

/** Calls back when colours are others than before, and with a width in pixels when the page goes to paper; null: as wide as it is. */
export function onLook(changed: (paper: number | null) => void): void {
  const turn = (printed: boolean): void => {
    document.documentElement.classList.toggle(PRINTED, printed)
    read = new Map()
    changed(printed ? 660 : null)
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => turn(false))
  addEventListener('beforeprint', () => turn(true))
  addEventListener('afterprint', () => turn(false))
}
