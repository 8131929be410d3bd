import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { folderStore } from '../../../src/store/folder.ts'
import type { Store } from '../../../src/store/store.ts'

let root: string
let store: Store
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slsart-store-'))
  store = folderStore(root)
})
afterEach(() => rm(root, { recursive: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const textAt = async (key: string): Promise<string | null> => {
  const found = await store.get(key)
  return found === null ? null : new TextDecoder().decode(found)
}

describe('a store in a folder', () => {
  it('has null where nothing was put', async () => {
    expect(await store.get('bundles/none.mjs')).toBeNull()
  })

  it('gives back what was put, in folders that it makes', async () => {
    await store.put('samples/0-1/000001.csv', bytes('a,1\n'))
    expect(await textAt('samples/0-1/000001.csv')).toBe('a,1\n')
  })

  it('gives back an empty document as empty, not as missing', async () => {
    await store.put('empty', new Uint8Array())
    expect(await textAt('empty')).toBe('')
  })

  it('lists keys by how they begin, sorted, and nothing where there is none', async () => {
    for (const key of ['batches/0-1/000002.bin', 'batches/0-1/000001.bin', 'batches/0-10/000001.bin', 'orders.json']) {
      await store.put(key, bytes('a'))
    }
    expect(await store.list('batches/0-1/')).toEqual(['batches/0-1/000001.bin', 'batches/0-1/000002.bin'])
    expect(await store.list('batches/0-1')).toHaveLength(3)
    expect(await store.list('claims/')).toEqual([])
  })

  it('leaves nothing behind when a put fails', async () => {
    await mkdir(join(root, 'taken'))
    await expect(store.put('taken', bytes('a'))).rejects.toThrow('EISDIR')
    expect(await readdir(root)).toEqual(['taken'])
  })

  it('has the last of several puts, and leaves nothing else behind', async () => {
    for (const text of ['one', 'two', 'three']) await store.put('orders.json', bytes(text))
    expect(await textAt('orders.json')).toBe('three')
    expect(await readdir(root)).toEqual(['orders.json'])
  })

  it('is a plain folder: another store in it sees the same', async () => {
    await folderStore(root).put('orders.json', bytes('{}'))
    expect(await textAt('orders.json')).toBe('{}')
    expect(await readFile(join(root, 'orders.json'), 'utf8')).toBe('{}')
  })

  it('never shows half a document to a reader', async () => {
    const documents = ['a', 'b'].map((letter) => letter.repeat(200_000))
    await store.put('orders.json', bytes('a'.repeat(200_000)))
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await store.put('orders.json', bytes(documents[i % 2] ?? ''))
    })()
    const seen: boolean[] = []
    for (let i = 0; i < 60; i++) seen.push(documents.includes((await textAt('orders.json')) ?? ''))
    await writing
    expect(seen).not.toContain(false)
  })

  it('says so when it cannot be written', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(store.put('file/below', bytes(''))).rejects.toThrow()
    await expect(store.putIfAbsent('file/below', bytes(''))).rejects.toThrow()
  })
})

describe('putting only when it is absent', () => {
  it('puts once, and leaves the first in place', async () => {
    expect(await store.putIfAbsent('claims/0-1', bytes('first'))).toBe(true)
    expect(await store.putIfAbsent('claims/0-1', bytes('second'))).toBe(false)
    expect(await textAt('claims/0-1')).toBe('first')
  })

  it('lets one of many win', async () => {
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, i) => folderStore(root).putIfAbsent('claims/0-1', bytes(String(i)))),
    )
    expect(won.filter(Boolean)).toHaveLength(1)
  })
})
