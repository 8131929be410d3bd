/** Whatever a worker sends is heard or refused. test/fuzz/frames.ts does the same for as long as one likes. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Dice } from '../support/answers.ts'
import { anyStream, Hearer } from '../support/frames.ts'
import { holds } from '../support/property.ts'

it('never breaks the conductor, and teaches no object anything', () => {
  const hearer = new Hearer()
  const fates = new Set<string>()
  holds(
    fc.integer({ min: 0, max: 2 ** 31 }),
    (seed) => {
      const dice = new Dice(seed)
      fates.add(hearer.hear(anyStream(dice), dice))
    },
    { runs: 20_000 },
  )
  expect(fates).toEqual(new Set(['heard', 'nothing yet', 'damaged', 'refused']))
  expect(Object.keys(Object.prototype)).toEqual([])
  expect((hearer.state as unknown as { polluted?: unknown }).polluted).toBeUndefined()
})
