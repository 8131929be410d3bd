/** The first lines: what runs, how far it is, and the load's curve with its phases. */
import { isPaused } from '../../plan/epochs.ts'
import { peakRate, rate } from '../../plan/profile.ts'
import { countWorkers } from '../../run/state.ts'
import { aheadOf } from '../../run/steer.ts'
import type { Seconds } from '../../units.ts'
import { spark } from '../charts.ts'
import { ageOf, type Input, isStale } from '../input.ts'
import { apart, type Cell, cell, cut, fitted, type Line, type Tone } from '../line.ts'
import { clock, int } from '../numbers.ts'

export function header(input: Input): Line[] {
  const { about, state, size, marks } = input
  const { columns } = size
  const workers = state.workers.length
  const facts = [about.run, `${about.fleet} fleet, ${int(workers)} worker${workers === 1 ? '' : 's'}`]
  const more = [`seed ${state.plan.seed}`, 'no cost']
  return [
    apart(
      [cell(' slsart ', 'chosen'), cell(` ${about.script} ${marks.to} ${about.target}`, 'strong')],
      [...stageOf(input), cell(' ')],
      columns,
      marks.ellipsis,
    ),
    apart(
      [cell(` ${[...facts, ...more].join(marks.dot)}`, 'faint')],
      [...freshness(input), cell(' ')],
      columns,
      marks.ellipsis,
    ),
  ]
}

/** How the run stands, in a word and its time. */
export function stageOf({ state, ui, marks, stopping, playing }: Input): Line {
  const { at, stage, profile, epochs } = state
  const total = clock(Math.ceil(aheadOf(state).duration))
  const said = (tone: Tone, mark: string, word: string): Line => [cell(`${mark} `, tone), cell(word, tone)]
  const timed = (word: string): string => `${word} ${clock(Math.max(0, at))} of ${total}`
  const frozen: Line = ui.frozen ? [cell('frozen ', 'warn')] : []
  if (playing !== null) {
    const how = playing.held ? 'held' : `replay ${playing.speed} x`
    return [...frozen, ...said(playing.held ? 'warn' : 'good', marks.holds, timed(how))]
  }
  if (stage === 'over') return [...frozen, ...said('strong', marks.worker.done, timed('over'))]
  if (stopping) return [...frozen, ...said('warn', marks.fails, timed('stopping'))]
  if (stage === 'warming') return [...frozen, ...said('plain', marks.worker.starting, starting(state))]
  if (at < 0) return [...frozen, ...said('plain', marks.worker.starting, 'about to begin')]
  if (isPaused(epochs)) return [...frozen, ...said('warn', marks.fails, timed('paused'))]
  if (at > profile.duration) return [...frozen, ...said('good', marks.holds, timed('draining'))]
  return [...frozen, ...said('good', marks.holds, timed('running'))]
}

const starting = (state: Input['state']): string =>
  `starting, ${int(countWorkers(state, 'ready'))} of ${int(state.workers.length)} ready`

/** So far behind the store of a run is at the least. */
const BEHIND: Seconds = 2

function freshness(input: Input): Cell[] {
  if (input.behind > BEHIND) return [cell(`as it was ${input.behind.toFixed(0)} s ago`, 'faint')]
  const age = ageOf(input)
  if (age === null) return []
  const stale = isStale(input)
  return [cell(`newest frame ${age.toFixed(stale ? 0 : 1)} s old`, stale ? 'bad' : 'faint')]
}

/** The curve of the arrival rate with a stroke where the run is now, and the phases below it. */
export function phaseBar({ about, state, size, marks }: Input): Line[] {
  const profile = aheadOf(state)
  const width = size.columns - 2
  const columnOf = (t: number): number => Math.round((t / profile.duration) * width)
  const now = Math.min(width - 1, Math.max(0, Math.floor((state.at / profile.duration) * width)))
  const heights = Array.from({ length: width }, (_, i) => rate(profile, ((i + 0.5) / width) * profile.duration))
  const curve = spark(heights, peakRate(profile), marks.bars)
  const signs = [...curve]
  const curveLine = [
    cell(` ${signs.slice(0, now).join('')}`, 'good'),
    cell(marks.seam, 'strong'),
    cell(signs.slice(now + 1).join(''), 'faint'),
  ]
  const names = profile.pieces.flatMap(({ name, from, duration, phase }): Cell[] => {
    const room = columnOf(from + duration) - columnOf(from)
    if (room < 1) return []
    const isNow = state.stage !== 'warming' && state.at >= from && state.at < from + duration
    const said = `${name}${about.warmUp.includes(phase) ? ' (warm-up)' : ''}`
    const text = fitted([cell(room < 3 ? '' : cut(said, room - 2, marks.ellipsis))], room - 1, marks.ellipsis)
    return [cell(marks.seam, 'faint'), cell(text.map(({ text }) => text).join(''), isNow ? 'strong' : 'faint')]
  })
  return [curveLine, [cell(' '), ...names]].map((row) => fitted(row, size.columns, marks.ellipsis))
}
