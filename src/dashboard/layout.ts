/** Panels to lines: the most important first, the last ones dropped when there is no room, what is left over given to those that can use it. */
import { apart, cell, fitted, type Line, line } from './line.ts'
import type { Marks } from './marks.ts'

/** `least` and `wants` are lines below the title. `lines` is asked for so many of a width, and may give fewer. */
export type Panel = {
  title: string
  aside: Line
  least: number
  wants: number
  lines(width: number, height: number): Line[]
}

export type Area = { width: number; height: number }

/** Exactly as many lines as the area is high, each as wide. */
export function stack(panels: readonly Panel[], { width, height }: Area, marks: Marks): Line[] {
  const heights = allot(panels, height)
  const lines = heights.flatMap((own, i) => {
    const panel = panels[i] as Panel
    const body = panel.lines(width - 2, own).slice(0, own)
    const rows = [...body, ...Array<Line>(own - body.length).fill([])]
    return [titled(panel, width, marks), ...rows.map((row) => fitted([cell(' '), ...row], width, marks.ellipsis))]
  })
  const blank = fitted([], width, marks.ellipsis)
  return [...lines, ...Array<Line>(height).fill(blank)].slice(0, height)
}

/** Lines below each title; shorter than the panels when the last ones do not fit. */
function allot(panels: readonly Panel[], height: number): number[] {
  let left = height
  const heights: number[] = []
  for (const { least } of panels) {
    if (least + 1 > left) break
    heights.push(least)
    left -= least + 1
  }
  for (const [i, least] of heights.entries()) {
    const more = Math.max(0, Math.min(left, (panels[i] as Panel).wants - least))
    heights[i] = least + more
    left -= more
  }
  return heights
}

function titled({ title, aside }: Panel, width: number, marks: Marks): Line {
  const right: Line = aside.length === 0 ? [] : [...aside, cell(' ')]
  const rule = cell(marks.rule.repeat(width), 'faint')
  return apart([cell(`${title} `, 'strong'), rule], right, width, marks.rule)
}

/** Two areas beside each other, three blank columns between. */
export const GUTTER = 3
export const beside = (left: readonly Line[], right: readonly Line[]): Line[] =>
  left.map((own, i) => [...own, cell(' '.repeat(GUTTER)), ...(right[i] ?? line(''))])
