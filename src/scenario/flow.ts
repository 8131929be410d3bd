/** The steps of a flow: each must name one action that the engine knows. */
import { scriptErrors } from '../errors.ts'
import { LONGEST_THINK, parseDuration } from './duration.ts'
import { near, SUGGESTION } from './near.ts'
import { isObject } from './objects.ts'
import type { Path, Positions } from './positions.ts'
import { actions, requests } from './schema.ts'

export function checkFlow(flow: readonly unknown[], engine: string, path: Path, positions: Positions): void {
  flow.forEach((step, i) => {
    checkStep(step, engine, [...path, i], positions)
  })
}

function checkStep(step: unknown, engine: string, path: Path, positions: Positions): void {
  const where = positions.name(path)
  if (!isObject(step)) throw scriptErrors.wrong(positions.of(path), where, 'a step is a map with one action')
  const keys = Object.keys(step)
  const known = actions[engine] as readonly string[]
  const [action, second] = keys.filter((key) => known.includes(key))
  if (action === undefined) {
    const key = keys[0] ?? ''
    throw scriptErrors.unknownKey(positions.of([...path, key]), {
      key,
      where,
      allowed: known,
      near: near(key, known, SUGGESTION),
    })
  }
  if (second !== undefined) {
    const message = `a step has one action, this one has \`${action}\` and \`${second}\``
    throw scriptErrors.wrong(positions.of([...path, second]), where, message, 'Make them two steps.')
  }
  const value = step[action]
  if (action === 'loop' || action === 'parallel') {
    if (!Array.isArray(value))
      throw scriptErrors.wrong(positions.of(path), where, `\`${action}\` must be a list of steps`)
    checkFlow(value, engine, [...path, action], positions)
  } else if (requests.includes(action)) {
    if (!isObject(value) || (typeof value.url !== 'string' && typeof value.uri !== 'string')) {
      throw scriptErrors.wrong(positions.of([...path, action]), where, `\`${action}\` needs a \`url\``)
    }
  } else if (action === 'think' && !isThinkTime(value)) {
    throw scriptErrors.wrong(
      positions.of([...path, action]),
      where,
      `think time "${value}" is not a duration`,
      'For example: 2, 500ms, 1.5s',
    )
  } else if (action === 'think' && step.jitter !== undefined && !JITTER.test(String(step.jitter))) {
    throw scriptErrors.wrong(
      positions.of([...path, 'jitter']),
      where,
      `jitter "${step.jitter}" is neither milliseconds nor a percentage`,
      'For example: 500, 20%',
    )
  }
}

const JITTER = /^\d+(\.\d+)?%?$/

/** A template is filled in, and checked, when the virtual user gets there. */
function isThinkTime(value: unknown): boolean {
  const seconds = parseDuration(value)
  return seconds === null ? String(value).includes('{{') : seconds >= 0 && seconds <= LONGEST_THINK
}
