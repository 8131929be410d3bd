/** A curve as a few lines of block characters: enough to see its shape. */

const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** `heights` from 0 up, one column each, the highest filling all `rows`. */
export function chart(heights: readonly number[], rows: number): string[] {
  const peak = Math.max(...heights, 0)
  const eighths = heights.map((height) => (peak === 0 ? 0 : Math.ceil((height / peak) * rows * 8 - 1e-9)))
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * 8
    return eighths.map((filled) => BLOCKS[Math.min(8, Math.max(0, filled - below))]).join('')
  })
}
