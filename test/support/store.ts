/** What every store promises, wherever it keeps things: one suite, run over all of them. */
import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/store/store.ts'

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textAt = async (store: Store, key: string): Promise<string | null> => {
  const found = await store.get(key)
  return found === null ? null : new TextDecoder().decode(found)
}

/** `open` opens the same empty place each time within a test. */
export function storeContract(name: string, open: () => Store): void {
  describe(`${name}: what every store promises`, () => {
    it('has null where nothing was put', async () => {
      expect(await open().get('bundles/none.mjs')).toBeNull()
    })

    it('gives back what was put, to another who opens it too', async () => {
      await open().put('samples/0-1/000001.csv', bytesOf('a,1\n'))
      expect(await textAt(open(), 'samples/0-1/000001.csv')).toBe('a,1\n')
    })

    it('gives back an empty document as empty, not as missing', async () => {
      const store = open()
      await store.put('empty', new Uint8Array())
      expect(await textAt(store, 'empty')).toBe('')
    })

    it('gives back bytes as they are', async () => {
      const store = open()
      const all = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256)
      await store.put('all.bin', all)
      expect(Buffer.compare((await store.get('all.bin')) ?? new Uint8Array(), all)).toBe(0)
    })

    it('has the last of several puts', async () => {
      const store = open()
      for (const text of ['one', 'two', 'three']) await store.put('orders.json', bytesOf(text))
      expect(await textAt(store, 'orders.json')).toBe('three')
    })

    it('lists keys by how they begin, sorted, and nothing where there is none', async () => {
      const store = open()
      const keys = ['batches/0-1/000002.bin', 'batches/0-1/000001.bin', 'batches/0-10/000001.bin', 'orders.json']
      for (const key of keys) await store.put(key, bytesOf('a'))
      expect(await store.list('batches/0-1/')).toEqual(['batches/0-1/000001.bin', 'batches/0-1/000002.bin'])
      expect(await store.list('batches/0-1')).toHaveLength(3)
      expect(await store.list('')).toEqual(keys.toSorted())
      expect(await store.list('claims/')).toEqual([])
    })

    it('names what follows in keys up to the next slash, each once', async () => {
      const store = open()
      const keys = ['runs/b 1/claims/0-1', 'runs/a&/orders.json', 'runs/a&/claims/0-1', 'runs/top', 'other/c/d']
      for (const key of keys) await store.put(key, bytesOf('a'))
      expect(await store.folders('runs/')).toEqual(['a&', 'b 1'])
      expect(await store.folders('runs/b')).toEqual(['b 1'])
      expect(await store.folders('')).toEqual(['other', 'runs'])
      expect(await store.folders('none/')).toEqual([])
    })

    it('removes keys by how they begin, and nothing else', async () => {
      const store = open()
      for (const key of [
        'batches/0-1/1',
        'batches/0-1/2',
        'batches/0-1/3',
        'batches/0-1/4',
        'batches/1-1/1',
        'orders.json',
      ])
        await store.put(key, bytesOf('a'))
      await store.clear('batches/0-1/')
      expect(await store.list('')).toEqual(['batches/1-1/1', 'orders.json'])
      await store.clear('')
      expect(await store.list('')).toEqual([])
      await store.clear('')
    })

    it('puts only once what is to be put when it is absent, and leaves the first in place', async () => {
      const store = open()
      expect(await store.putIfAbsent('claims/0-1', bytesOf('first'))).toBe(true)
      expect(await store.putIfAbsent('claims/0-1', bytesOf('second'))).toBe(false)
      expect(await textAt(store, 'claims/0-1')).toBe('first')
    })

    it('lets one of many win', async () => {
      const tries = Array.from({ length: 20 }, (_, i) => open().putIfAbsent('claims/0-1', bytesOf(String(i))))
      const won = (await Promise.all(tries)).flatMap((did, i) => (did ? [String(i)] : []))
      expect(won).toEqual([await textAt(open(), 'claims/0-1')])
    })
  })
}
