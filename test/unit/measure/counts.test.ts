import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../../src/measure/bytes.ts'
import { writeCounts } from '../../../src/measure/counts.ts'
import { histogramOf } from '../../support/arbitraries.ts'

const signed = (...values: number[]): Uint8Array => {
  const out = new ByteWriter()
  for (const value of values) out.signed(value)
  return out.written().slice()
}

describe('a counts payload', () => {
  it.each([
    ['of an empty histogram is empty', [], []],
    ['of value 0 is one count', [0], [1]],
    ['of value 3 is a run of three empty buckets, then a count', [3], [-3, 1]],
    ['writes an empty run between counts once', [0, 0, 5], [2, -4, 1]],
    ['writes neighbours one after the other', [4, 5, 5], [-4, 1, 2]],
  ])('%s', (_, values, numbers) => {
    const out = new ByteWriter()
    writeCounts(histogramOf(values), out)
    expect([...out.written()]).toEqual([...signed(...numbers)])
  })
})
