import { expect, it } from 'vitest'
import { answerKey, bundleKey, claimKey, ordersKey, samplesKey, steerKey } from '../../../src/wire/keys.ts'

it('no two things of a run share a key', () => {
  const keys = [
    ...[ordersKey, bundleKey('ab', 'mjs'), bundleKey('ab', 'json')],
    ...[claimKey(1, 11), claimKey(11, 1), samplesKey(1, 1, 2), samplesKey(1, 1, 12), samplesKey(1, 2, 2)],
    ...[steerKey(1), steerKey(2), answerKey(1), answerKey(2)],
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

it('samples sort by their number', () => {
  const keys = [9, 10, 100, 99_999].map((seq) => samplesKey(0, 1, seq))
  expect(keys.toSorted()).toEqual(keys)
})
