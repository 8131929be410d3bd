/** The least of a case that still shows what it shows: whatever can be left out is. */
import { isObject } from '../../../src/scenario/objects.ts'
import type { Case } from './case.ts'

type Path = (string | number)[]

/** `shows` is asked of each smaller case, for at most so many seconds. */
export async function shrunk(plan: Case, shows: (smaller: Case) => Promise<boolean>, most: number): Promise<Case> {
  let least = plan
  const began = performance.now()
  const isOver = (): boolean => performance.now() - began > most * 1000
  const tries = async (smaller: Case | null): Promise<boolean> => {
    if (smaller === null || isOver() || !(await shows(smaller))) return false
    least = smaller
    return true
  }
  for (let users = 1; users < plan.users; users++) if (await tries({ ...plan, users })) break
  for (let smaller = true; smaller && !isOver(); ) {
    smaller = false
    // From the top down, so that what is big goes first; from the back, so that the other paths stay what they are.
    for (const path of pathsIn(least)
      .toReversed()
      .toSorted((a, b) => a.length - b.length)) {
      if (await tries(without(least, path))) smaller = true
    }
  }
  return least
}

const FIXED = new Set([
  'seed',
  'users',
  'together',
  'config',
  'variables',
  'scenario',
  'answers',
  'flow',
  'url',
  'engine',
])

function pathsIn(value: unknown, path: Path = []): Path[] {
  const own = path.length > 0 ? [path] : []
  if (!Array.isArray(value) && !isObject(value)) return own
  return [...own, ...Object.entries(value).flatMap(([key, one]) => pathsIn(one, [...path, key]))]
}

function without(plan: Case, path: Path): Case | null {
  const last = String(path.at(-1))
  if (FIXED.has(last)) return null
  const smaller = structuredClone(plan)
  let at: unknown = smaller
  for (const key of path.slice(0, -1)) at = Object(at)[key]
  if (Array.isArray(at)) {
    if (Number(last) >= at.length) return null
    // Answers keep their places.
    if (path[0] === 'answers') {
      if (JSON.stringify(at[Number(last)]) === '{}') return null
      at[Number(last)] = path.length === 2 ? [] : {}
    } else at.splice(Number(last), 1)
  } else if (isObject(at) && last in at) delete at[last]
  else return null
  return isWhole(smaller.scenario.flow) ? smaller : null
}

/** Each step still does something. */
const isWhole = (flow: readonly unknown[]): boolean =>
  flow.every(
    (step) => isObject(step) && Object.keys(step).length > 0 && (!Array.isArray(step.loop) || isWhole(step.loop)),
  )
