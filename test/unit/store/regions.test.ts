import { beforeEach, describe, expect, it } from 'vitest'
import { folderStore } from '../../../src/store/folder.ts'
import { regionsStore } from '../../../src/store/regions.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  batchesPrefix,
  batchKey,
  claimKey,
  claimsPrefix,
  endedKey,
  ordersKey,
  overKey,
  stopKey,
} from '../../../src/wire/keys.ts'
import { workFolder } from '../../support/cli.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (found: Uint8Array | null): string | null => found && new TextDecoder().decode(found)

let home: Store
let away: Store
let both: Store
beforeEach(() => {
  home = folderStore(workFolder())
  away = folderStore(workFolder())
  // Odd slices are away.
  both = regionsStore([home, away], (slice) => slice % 2)
})

const failing = (store: Store): Store => ({ ...store, put: () => Promise.reject(new Error('no such bucket')) })

describe('the store of several regions', () => {
  it('has what is of a worker where the worker is', async () => {
    for (const key of [claimKey(3, 1), endedKey(3, 2), batchKey(3, 1, 0)]) {
      await away.put(key, bytes('away'))
      expect(text(await both.get(key))).toBe('away')
    }
    await home.put(claimKey(2, 1), bytes('home'))
    expect(await both.putIfAbsent(claimKey(3, 1), bytes('mine'))).toBe(false)
    expect(await both.putIfAbsent(claimKey(5, 1), bytes('mine'))).toBe(true)
    expect(text(await away.get(claimKey(5, 1)))).toBe('mine')
    expect(await both.list(claimsPrefix)).toEqual([2, 3, 5].map((slice) => claimKey(slice, 1)))
    expect(await both.list(`${batchesPrefix}3-1/`)).toEqual([batchKey(3, 1, 0)])
  })

  it('has the workers of hooks at home', async () => {
    await both.put(claimKey(-1, 1), bytes('hook'))
    expect([await home.list(''), await away.list('')]).toEqual([[claimKey(-1, 1)], []])
  })

  it('has the orders everywhere, and what is asked from elsewhere at home', async () => {
    await both.put(ordersKey, bytes('go'))
    await both.put(overKey, bytes(''))
    await both.putIfAbsent(stopKey('drain'), bytes('{}'))
    expect(await home.list('')).toEqual([overKey, ordersKey, stopKey('drain')].toSorted())
    expect(await away.list('')).toEqual([overKey, ordersKey].toSorted())
  })

  it('writes to all that can be written, and tells of the one that cannot', async () => {
    await expect(regionsStore([failing(home), away], () => 0).put(ordersKey, bytes('stop'))).rejects.toThrow(
      'no such bucket',
    )
    expect(text(await away.get(ordersKey))).toBe('stop')
  })

  it('is emptied everywhere', async () => {
    await both.put(ordersKey, bytes('go'))
    await both.clear('')
    expect([await home.list(''), await away.list('')]).toEqual([[], []])
  })
})
