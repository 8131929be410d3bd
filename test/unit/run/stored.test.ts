import { expect, test } from 'vitest'
import { storedRuns } from '../../../src/run/stored.ts'
import { documentBytes } from '../../../src/store/documents.ts'

const idOf = (n: number): string => `20261120-${String(n).padStart(6, '0')}-1a2b3c`
const everyone = Array.from({ length: 250 }, (_, n) => idOf(n))

function bucket(asked: string[]): Parameters<typeof storedRuns>[0] {
  return {
    folders: async () => ['others', ...everyone],
    async get(key) {
      asked.push(key)
      const [id = '', name] = key.split('/')
      if (name === 'run.json') return id === idOf(248) ? null : documentBytes({ id })
      return id === idOf(249) ? documentBytes({ result: 'pass' }) : null
    },
  }
}

test('the newest runs of a bucket are read, with their ends where they have left one, and no others', async () => {
  const asked: string[] = []
  const { runs, of } = await storedRuns(bucket(asked), new Set([idOf(247)]))
  expect(of).toBe(250)
  // Without one that left nothing, and one that is known.
  expect(runs.map(({ head }) => head.id)).toEqual(
    everyone
      .slice(150)
      .toReversed()
      .filter((_, i) => i !== 1 && i !== 2),
  )
  expect(runs[0]).toMatchObject({ head: { monitoring: null, platform: null }, ending: { result: 'pass' } })
  expect(runs[1]?.ending).toBe(null)
  expect(asked).toHaveLength(2 * 99)
})
