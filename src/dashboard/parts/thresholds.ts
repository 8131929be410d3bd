/** The script's thresholds as they stand, those that do not hold first. */
import type { LiveThreshold } from '../../run/thresholds.ts'
import type { Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { apart, cell, type Line, line, type Tone } from '../line.ts'
import { clock, value } from '../numbers.ts'

const WORD = 9

/** Null when the script has none. */
export function thresholdsPanel({ state, marks }: Input): Panel | null {
  const thresholds = [
    ...state.thresholds.now.filter(({ ok }) => ok === false),
    ...state.thresholds.now.filter(({ ok }) => ok !== false),
  ]
  if (thresholds.length === 0) return null
  const failing = thresholds.filter(({ ok }) => ok === false).length
  const aside = failing === 0 ? line('all hold', 'faint') : line(`${failing} of ${thresholds.length} FAIL`, 'bad')
  const known = thresholds.some(({ ok }) => ok !== null)
  return {
    ...{
      title: 'Thresholds',
      aside: known ? aside : [],
      least: Math.min(3, thresholds.length),
      wants: thresholds.length,
    },
    lines: (width) =>
      thresholds.map((threshold): Line => {
        const [mark, word, tone]: [string, string, Tone] =
          threshold.ok === null
            ? [marks.unknown, 'no data', 'faint']
            : threshold.ok
              ? [marks.holds, 'holds', 'good']
              : [marks.fails, 'FAILS', 'bad']
        const said = [cell(`${mark} ${word.padEnd(WORD)}`, tone), cell(threshold.said)]
        return apart(said, [...observed(threshold), ...when(threshold)], width, marks.ellipsis)
      }),
  }
}

function observed({ observed, ok }: LiveThreshold): Line {
  const values = Object.values(observed)
  if (ok === null || values.length === 0) return []
  return line(values.map(value).join(', '), ok ? 'plain' : 'strong')
}

function when({ ok, since, tripsIn, abort }: LiveThreshold): Line {
  if (ok === null) return []
  const trips = abort ? 'ends the load' : 'fails'
  if (tripsIn !== null) return line(`  ${trips} in ~${clock(tripsIn)}`, 'warn')
  return line(`  since ${clock(since)}`, 'faint')
}
