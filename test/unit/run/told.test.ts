import { describe, expect, it } from 'vitest'
import { Told } from '../../../src/run/told.ts'

const running = (heardOf: number | null) => ({ is: 'running', condition: { heardOf } }) as const
const lost = { is: 'lost', condition: { heardOf: null } } as const

describe('whether all workers have told of a second', () => {
  it.each([
    { what: 'all have', workers: [running(3), running(4)], all: true },
    { what: 'one has told of the one before', workers: [running(3), running(2)], all: false },
    { what: 'one has told of nothing', workers: [running(null), running(3)], all: false },
    { what: 'one will tell of nothing any more', workers: [lost, running(3)], all: true },
    { what: 'there are none', workers: [], all: true },
  ])('$what', ({ workers, all }) => {
    expect(new Told().byAll(workers, 3)).toBe(all)
  })

  it('looks at those it has passed again: one may have begun anew, and the next second is another', () => {
    const told = new Told()
    expect(told.byAll([running(3), running(2)], 3)).toBe(false)
    expect(told.byAll([running(null), running(3)], 3)).toBe(false)
    expect(told.byAll([running(3), running(3)], 3)).toBe(true)
    expect(told.byAll([running(3), running(2)], 3)).toBe(false)
    expect(told.byAll([running(3), running(4)], 4)).toBe(false)
  })

  it('looks at each worker a few times a second, not at every frame', () => {
    let looks = 0
    const workers = Array.from({ length: 1_000 }, () => {
      const condition: { heardOf: number | null } = { heardOf: null }
      return {
        condition,
        get is() {
          looks++
          return 'running' as const
        },
      }
    })
    const told = new Told()
    for (const { condition } of workers) {
      condition.heardOf = 0
      told.byAll(workers, 0)
    }
    expect(looks).toBeLessThan(10_000)
  })
})
