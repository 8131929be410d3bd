/** Asking a store again that does not answer. */
import { expect, it } from 'vitest'
import { folderStore } from '../../../src/store/folder.ts'
import { patient } from '../../../src/store/patient.ts'
import type { Store } from '../../../src/store/store.ts'
import { workFolder } from '../../support/cli.ts'
import { bytesOf, textAt } from '../../support/store.ts'

/** Does what it is asked, but says so only from then on. */
function deaf(times: number): { store: Store; own: Store; asked: () => number } {
  const own = folderStore(workFolder())
  let asked = 0
  const late =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      const answer = await call(...args)
      if (asked++ < times) throw new Error('no answer')
      return answer
    }
  return {
    own,
    asked: () => asked,
    store: {
      get: late(own.get),
      folders: late(own.folders),
      list: late(own.list),
      put: late(own.put),
      putIfAbsent: late(own.putIfAbsent),
      clear: late(own.clear),
      close: () => own.close(),
    },
  }
}

it('asks three times, and then gives up with what the store said', async () => {
  const twice = deaf(2)
  await twice.own.put('a', bytesOf('1'))
  expect(Buffer.from((await patient(twice.store).get('a')) ?? '')).toEqual(Buffer.from('1'))
  const thrice = deaf(3)
  await expect(patient(thrice.store).list('')).rejects.toThrow('no answer')
  expect(thrice.asked()).toBe(3)
})

it('knows what it has put itself from what was there before', async () => {
  const own = deaf(1)
  expect(await patient(own.store).putIfAbsent('a', bytesOf('mine'))).toBe(true)
  expect(await textAt(own.own, 'a')).toBe('mine')
  const others = deaf(1)
  await others.own.put('a', bytesOf('theirs'))
  expect(await patient(others.store).putIfAbsent('a', bytesOf('mine'))).toBe(false)
  expect(await textAt(others.own, 'a')).toBe('theirs')
})
