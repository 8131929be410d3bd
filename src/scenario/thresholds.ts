/** `config.slsart.thresholds` to thresholds, with what they look at found in the script. */
import * as z from 'zod'
import { scriptErrors } from '../errors.ts'
import { type OwnThreshold, problemOf, type Selection } from '../measure/thresholds.ts'
import type { Phase } from '../plan/profile.ts'
import { parseDuration } from './duration.ts'
import { near, SLIP, SUGGESTION } from './near.ts'
import type { Path, Positions } from './positions.ts'

const text = z.string()
export const thresholdSchema = z.strictObject({
  expression: text,
  endpoint: text.optional(),
  scenario: text.optional(),
  phase: text.optional(),
  span: z.union([z.number(), text]).optional(),
  abortOnFail: z.boolean().optional(),
})
export const thresholdsSchema = z.array(z.union([text, thresholdSchema]))

type Written = z.infer<typeof thresholdSchema>
/** What a threshold can be of. */
type Parts = { phases: readonly Phase[]; warmUp: readonly number[]; scenarios: readonly string[] }

export function readThresholds(
  written: z.infer<typeof thresholdsSchema>,
  parts: Parts,
  positions: Positions,
): OwnThreshold[] {
  return written.map((entry, i) => {
    const path = ['config', 'slsart', 'thresholds', i]
    return readThreshold(typeof entry === 'string' ? { expression: entry } : entry, path, parts, positions)
  })
}

function readThreshold(written: Written, path: Path, parts: Parts, positions: Positions): OwnThreshold {
  const { expression, abortOnFail: abort = false } = written
  const wrong = (key: string | null, message: string): Error => {
    const at = key === null ? path : [...path, key]
    return scriptErrors.wrong(positions.of(at), positions.name(at), message)
  }
  const { select, of } = selection(written, path, parts, positions)
  const problem = problemOf(expression, select, (name, known) => near(name, known, SLIP))
  if (problem !== null) throw wrong(null, `"${expression}" cannot be judged: ${problem}`)
  const span = written.span === undefined ? null : parseDuration(written.span)
  if (written.span !== undefined && (span === null || !Number.isInteger(span) || span < 1)) {
    throw wrong('span', `must be a whole number of seconds from 1 up, such as 30 or 5m, found "${written.span}"`)
  }
  const how = [...(of === null ? [] : [of]), ...(span === null ? [] : [`over any ${span} s`])]
  const said = how.length === 0 ? expression : `${expression} (${how.join(', ')})`
  return { kind: 'slsart', said, expression, strict: true, select, span, abort, baseline: null }
}

function selection(
  { endpoint, scenario, phase }: Written,
  path: Path,
  { phases, warmUp, scenarios }: Parts,
  positions: Positions,
): { select: Selection | null; of: string | null } {
  const given = Object.entries({ endpoint, scenario, phase }).filter(([, name]) => name !== undefined)
  if (given.length > 1) {
    const message = `is of one ${given.map(([dimension]) => dimension).join(' or one ')}, not of several at once`
    throw scriptErrors.wrong(positions.of(path), positions.name(path), message)
  }
  if (endpoint !== undefined) return { select: { dimension: 'endpoint', value: endpoint }, of: endpoint }
  if (scenario !== undefined) {
    if (!scenarios.includes(scenario)) {
      throw scriptErrors.noScenario(positions.of([...path, 'scenario']), scenario, [], scenarios)
    }
    return { select: { dimension: 'scenario', value: scenario }, of: `scenario ${scenario}` }
  }
  if (phase === undefined) return { select: null, of: null }
  const index = phases.findIndex(({ name }) => name === phase)
  const at = positions.of([...path, 'phase'])
  const names = phases.map(({ name }) => name)
  if (index < 0) throw scriptErrors.noPhase(at, phase, names, near(phase, names, SUGGESTION))
  if (warmUp.includes(index)) {
    throw scriptErrors.wrong(
      at,
      positions.name([...path, 'phase']),
      `"${phase}" is a warm-up, which no threshold judges`,
    )
  }
  return { select: { dimension: 'phase', value: String(index) }, of: `phase ${phase}` }
}
