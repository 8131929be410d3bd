import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { folderStore } from '../../../src/store/folder.ts'
import type { Store } from '../../../src/store/store.ts'
import { bytesOf, storeContract, textAt } from '../../support/store.ts'

let root: string
let store: Store
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slsart-store-'))
  store = folderStore(root)
})
afterEach(() => rm(root, { recursive: true }))

storeContract('a store in a folder', () => folderStore(root))

describe('a store in a folder', () => {
  it('leaves nothing behind when a put fails', async () => {
    await mkdir(join(root, 'taken'))
    await expect(store.put('taken', bytesOf('a'))).rejects.toThrow('EISDIR')
    expect(await readdir(root)).toEqual(['taken'])
  })

  it('leaves nothing but the last of several puts', async () => {
    for (const text of ['one', 'two', 'three']) await store.put('orders.json', bytesOf(text))
    expect(await readdir(root)).toEqual(['orders.json'])
  })

  it('is a plain folder', async () => {
    await store.put('orders.json', bytesOf('{}'))
    expect(await readFile(join(root, 'orders.json'), 'utf8')).toBe('{}')
  })

  it('never shows half a document to a reader', async () => {
    const documents = ['a', 'b'].map((letter) => letter.repeat(200_000))
    await store.put('orders.json', bytesOf('a'.repeat(200_000)))
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await store.put('orders.json', bytesOf(documents[i % 2] ?? ''))
    })()
    const seen: boolean[] = []
    for (let i = 0; i < 60; i++) seen.push(documents.includes((await textAt(store, 'orders.json')) ?? ''))
    await writing
    expect(seen).not.toContain(false)
  })

  it('says so when it cannot be written', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(store.put('file/below', bytesOf(''))).rejects.toThrow()
    await expect(store.putIfAbsent('file/below', bytesOf(''))).rejects.toThrow()
  })
})
