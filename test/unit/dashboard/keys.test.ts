import { expect, it } from 'vitest'
import { ACTS, keyOf, keys, question, TABS } from '../../../src/dashboard/keys.ts'

it('no press means two things', () => {
  const presses = keys.flatMap(({ presses }) => presses)
  expect(new Set(presses).size).toBe(presses.length)
})

it('every act has a key, once', () => {
  expect(keys.map(({ act }) => act).toSorted()).toEqual(ACTS.toSorted())
})

it('every tab has a number', () => {
  expect(TABS.map((_, i) => keyOf(String(i + 1))?.act)).toEqual(TABS.map(() => 'tab'))
  expect(keyOf(String(TABS.length + 1))).toBe(null)
})

it('a question fits on a line of 40', () => {
  expect(question({ kind: 'stop' }, 'warm', 0).length).toBeLessThan(40)
  expect(question({ kind: 'quit' }, 'warm', 0).length).toBeLessThan(40)
  expect(question({ kind: 'end-phase' }, 'warm', 0).length).toBeLessThan(40)
  expect(question({ kind: 'scale', scale: 1.1 }, 'warm', 1234.5).length).toBeLessThan(40)
})
