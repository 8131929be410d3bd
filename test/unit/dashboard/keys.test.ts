import { expect, it } from 'vitest'
import { ACTS, keyOf, keys, keysIn, type Mode, question, TABS } from '../../../src/dashboard/keys.ts'

it.each<Mode>(['run', 'steered', 'joined', 'replay'])('no press means two things: %s', (mode) => {
  const presses = keysIn(mode).flatMap(({ presses }) => presses)
  expect(new Set(presses).size).toBe(presses.length)
})

it('every act has a key, once', () => {
  // Leaving is one thing for who leads the run, another for who has joined it, and for a record.
  expect(keys.map(({ act }) => act).toSorted()).toEqual([...ACTS, 'quit', 'quit'].toSorted())
})

it('every tab has a number', () => {
  expect(TABS.map((_, i) => keyOf(String(i + 1), 'run')?.act)).toEqual(TABS.map(() => 'tab'))
  expect(keyOf(String(TABS.length + 1), 'run')).toBe(null)
})

it('a question fits on a line of 40', () => {
  expect(question({ kind: 'stop' }, 'warm', 0).length).toBeLessThan(40)
  expect(question({ kind: 'detach' }, 'warm', 0).length).toBeLessThan(40)
  expect(question({ kind: 'quit' }, 'warm', 0).length).toBeLessThan(40)
  expect(question({ kind: 'end-phase' }, 'warm', 0).length).toBeLessThan(40)
  expect(question({ kind: 'scale', scale: 1.1 }, 'warm', 1234.5).length).toBeLessThan(40)
})
