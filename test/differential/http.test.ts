/** Each script of the corpus does the same through Artillery, through one worker of ours, and through three. */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { artillery, corpus, ours } from './run.ts'

const scripts = readdirSync(corpus).filter((name) => name.endsWith('.yml'))

describe.concurrent('Artillery’s scripts', () => {
  test.each(scripts)('%s', { timeout: 120_000 }, async (script) => {
    const theirs = await artillery(script)
    expect(theirs.sequences.length, theirs.output).toBeGreaterThan(0)
    for (const workers of [1, 3]) {
      const mine = await ours(script, workers)
      expect(mine.sequences, mine.output).toEqual(theirs.sequences)
      expect(mine.counters, mine.output).toEqual(theirs.counters)
    }
  })
})
