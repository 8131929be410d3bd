import { describe, expect, it } from 'vitest'
import { Gate } from '../../../../src/fleet/lambda/gate.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a gate', () => {
  it('lets so many through at a time', async () => {
    const gate = new Gate(3, 100)
    let [inside, most] = [0, 0]
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside)
      await turn()
      inside--
    }
    await Promise.all(Array.from({ length: 10 }, () => gate.pass(work)))
    expect({ inside, most }).toEqual({ inside: 0, most: 3 })
  })

  it('lets so many begin in one turn of the event loop', async () => {
    const begun: number[] = [0]
    let counting = true
    const count = (): void => {
      begun.push(0)
      if (counting) setImmediate(count)
    }
    setImmediate(count)
    const gate = new Gate(100, 4)
    const work = async (): Promise<void> => {
      begun[begun.length - 1] = (begun.at(-1) ?? 0) + 1
    }
    await Promise.all(Array.from({ length: 10 }, () => gate.pass(work)))
    counting = false
    expect(begun.filter((n) => n > 0)).toEqual([4, 4, 2])
  })

  it('makes room after what failed', async () => {
    const gate = new Gate(1, 10)
    await expect(gate.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await gate.pass(async () => 'in')).toBe('in')
  })
})
