/**
 * Each script of the corpus does the same through Artillery and through us, or differs as it says: through a native worker or two, or, where those
 * do not run it, one with Artillery's engine, or three.
 */
import { describe, expect, test } from 'vitest'
import type { EngineName } from '../../src/scenario/engine.ts'
import { theirs } from './recorded.ts'
import {
  type ComparedPart,
  type Entry,
  entries,
  isNative,
  type Outcome,
  ours,
  PARTS,
  planned,
  type Run,
} from './run.ts'

type Ours = { who: string; engine: EngineName; run: Run }

/** Of so many scripts one goes through more workers than one, and of twice as many one through the other engine: all of them take minutes more. */
const EACH = process.env.CI ? 12 : 3

const all = entries()
const those = (wanted: (entry: Entry) => boolean): [string, Entry][] =>
  all.filter(wanted).map((entry) => [entry.script, entry])

describe.concurrent('Artillery’s scripts', () => {
  test.each(those(({ refused }) => refused === null))('%s', { timeout: 200_000 }, async (_script, entry) => {
    const native = await isNative(entry)
    const at = all.indexOf(entry)
    const workers = at % EACH === 0 ? 2 : 1
    const first = native ? ours(entry, workers, 'native') : ours(entry, 1, 'auto')
    const [recorded, run] = await Promise.all([theirs(entry), first])
    const runs: Ours[] = native
      ? [{ who: `native workers: ${workers}`, engine: 'native', run }]
      : [{ who: 'one worker', engine: 'artillery', run }]
    // What runs on the native engine goes through Artillery's under our dispatcher too; what does not, through three of that.
    if (native ? at % (2 * EACH) === 1 : at % EACH === 0) {
      const again = native ? ours(entry, 1, 'artillery') : ours(entry, 3, 'auto')
      runs.push({ who: native ? 'one worker' : 'three workers', engine: 'artillery', run: await again })
    }
    if (entry.artilleryFails !== null) {
      expect(recorded.exit, `Artillery should fail: ${entry.artilleryFails}\n${recorded.output}`).not.toBe(0)
      for (const { who, run } of runs) expect(outcomeOf(run, who).requests.length, run.output).toBeGreaterThan(0)
      return
    }
    const expected = outcomeOf(recorded, 'Artillery')
    expect(expected.requests.length, `nothing was sent:\n${recorded.output}`).toBeGreaterThan(0)
    for (const { who, engine, run } of runs) {
      const actual = outcomeOf(run, who)
      if (entry.random) compareDistributions(actual, expected, who)
      else for (const part of PARTS) compare(part, { actual, expected, who, why: entry.better[engine][part] })
    }
  })
})

describe.concurrent('What is refused before anything is sent', () => {
  test.each(those(({ refused }) => refused !== null))('%s', async (_script, entry) => {
    const { exit, output } = await planned(entry)
    expect(exit, output).toBe(2)
    expect(output).toContain(entry.refused)
  })
})

test('every script says which feature it holds', () => {
  for (const { script, features } of all) expect(features, script).not.toEqual([])
})

function outcomeOf({ outcome, exit, output }: Run, who: string): Outcome {
  if (outcome === null) throw new Error(`${who} left no report behind (exit ${exit}):\n${output}`)
  return outcome
}

type Compared = { actual: Outcome; expected: Outcome; who: string; why: string | undefined }

function compare(part: ComparedPart, { actual, expected, who, why }: Compared): void {
  if (why === undefined) expect(actual[part], `${part} of ${who} (+) and of Artillery (-)`).toEqual(expected[part])
  else expect(actual[part], `${part} of ${who} should differ: ${why}`).not.toEqual(expected[part])
}

/** Two samples of one distribution: chi-square over the kinds of requests, at most one in ten thousand by chance alone. */
function compareDistributions(actual: Outcome, expected: Outcome, who: string): void {
  const count = ({ requests }: Outcome): Map<string, number> =>
    new Map([...Map.groupBy(requests.flat(), (request) => request)].map(([request, each]) => [request, each.length]))
  const [mine, theirs] = [count(actual), count(expected)]
  const kinds = [...new Set([...mine.keys(), ...theirs.keys()])]
  const [a, b] = [mine, theirs].map((counts) => [...counts.values()].reduce((sum, n) => sum + n, 0)) as [number, number]
  const chi = kinds.reduce((sum, kind) => {
    const [x = 0, y = 0] = [mine.get(kind), theirs.get(kind)]
    return sum + (Math.sqrt(b / a) * x - Math.sqrt(a / b) * y) ** 2 / (x + y)
  }, 0)
  const freedom = kinds.length - 1
  const z = 3.72
  const limit = freedom * (1 - 2 / (9 * freedom) + z * Math.sqrt(2 / (9 * freedom))) ** 3
  expect(freedom).toBeGreaterThan(2)
  expect(chi, `${who}: ${JSON.stringify([...mine])}\nArtillery: ${JSON.stringify([...theirs])}`).toBeLessThan(limit)
}
