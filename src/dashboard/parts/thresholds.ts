/** The script's thresholds as they stand, those that do not hold first. */
import type { Limit } from '../../run/limits.ts'
import type { Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { apart, cell, type Line, line, type Tone } from '../line.ts'
import { clock, value } from '../numbers.ts'

const WORD = 9

/** Null when the script has none. */
export function thresholdsPanel({ state, marks }: Input): Panel | null {
  const limits = [
    ...state.limits.now.filter(({ ok }) => ok === false),
    ...state.limits.now.filter(({ ok }) => ok !== false),
  ]
  if (limits.length === 0) return null
  const failing = limits.filter(({ ok }) => ok === false).length
  const aside = failing === 0 ? line('all hold', 'faint') : line(`${failing} of ${limits.length} FAIL`, 'bad')
  const known = limits.some(({ ok }) => ok !== null)
  return {
    ...{ title: 'Thresholds', aside: known ? aside : [], least: Math.min(3, limits.length), wants: limits.length },
    lines: (width) =>
      limits.map((limit): Line => {
        const [mark, word, tone]: [string, string, Tone] =
          limit.ok === null
            ? [marks.unknown, 'no data', 'faint']
            : limit.ok
              ? [marks.holds, 'holds', 'good']
              : [marks.fails, 'FAILS', 'bad']
        const said = [cell(`${mark} ${word.padEnd(WORD)}`, tone), cell(limit.said)]
        return apart(said, [...observed(limit), ...when(limit)], width, marks.ellipsis)
      }),
  }
}

function observed({ observed, ok }: Limit): Line {
  const values = Object.values(observed)
  if (ok === null || values.length === 0) return []
  return line(values.map(value).join(', '), ok ? 'plain' : 'strong')
}

function when({ ok, since, tripsIn, abort }: Limit): Line {
  if (ok === null) return []
  const trips = abort ? 'ends the load' : 'fails'
  if (tripsIn !== null) return line(`  ${trips} in ~${clock(tripsIn)}`, 'warn')
  return line(`  since ${clock(since)}`, 'faint')
}
