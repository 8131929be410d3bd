/** On Lambda: where a run's files and code are put, and what stays of them. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Unpacked, unpack } from '../../../lambda/unpack.ts'
import { folderStore } from '../../../src/store/folder.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Part, Parts, Start } from '../../../src/wire/start.ts'
import { startEvent } from '../../support/worker.ts'

const [before, outer] = [process.env.TMPDIR, tmpdir()]
let tmp: string
let store: Store
let read: string[]
beforeEach(() => {
  tmp = mkdtempSync(join(outer, 'slsart-unpack-'))
  process.env.TMPDIR = tmp
  read = []
  const folder = folderStore(join(tmp, 'store'))
  const get: Store['get'] = (key) => {
    read.push(key)
    return folder.get(key)
  }
  store = { ...folder, get }
})
afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
  rmSync(tmp, { recursive: true })
})

async function partOf(text: string, extension: string): Promise<Part> {
  const hash = createHash('sha256').update(text).digest('hex')
  const key = `bundles/${hash}.${extension}`
  await store.put(key, Buffer.from(text))
  return { key, hash, inline: null }
}

function startOf(parts: Partial<Parts>, more: Partial<Start> = {}): Start {
  const start = startEvent('/home/me/project', 'http://127.0.0.1:1', { duration: 1, arrivals: 1 })
  const source = { file: '/home/me/project/load/script.yml', folder: '/home/me/project/load', root: '/home/me/project' }
  return {
    ...start,
    script: { ...start.script, source },
    parts: { ...start.parts, ...parts },
    store: { kind: 'bucket', bucket: 'b', prefix: 'runs/r/', region: 'eu-west-1' },
    ...more,
  }
}

const unpacked = (start: Start): Promise<Unpacked> => unpack(start, start.script.source, store)

it('puts files where they are in the project, and the script among them', async () => {
  const files = [{ path: 'load/data/words.txt', ...(await partOf('words', 'txt')) }]
  const { root, source } = await unpacked(startOf({ files }))
  expect(root).toBe(join(tmp, 'slsart/runs/test-0-1'))
  expect(readFileSync(join(root, 'load/data/words.txt'), 'utf8')).toBe('words')
  expect(source).toEqual({ file: join(root, 'load/script.yml'), folder: join(root, 'load'), root })
})

it("knows the places of an operator's machine with other slashes", async () => {
  const start = startOf({})
  const root = 'C:\\work\\project'
  const source = { file: `${root}\\load\\script.yml`, folder: `${root}\\load`, root }
  const moved = await unpacked({ ...start, script: { ...start.script, source } })
  expect(moved.source.file).toBe(join(moved.root, 'load/script.yml'))
})

it.each(['../beside.txt', '/etc/passwd', 'a/../../up.txt', '.'])('lets no file out of its folder: %s', async (path) => {
  const files = [{ path, ...(await partOf('words', 'txt')) }]
  await expect(unpacked(startOf({ files }))).rejects.toThrow('leads out of its folder')
})

it('reads a part once for all runs of an environment, and each time holds it against its hash', async () => {
  const processor = await partOf('export const a = 1', 'mjs')
  const first = await unpacked(startOf({ processor }))
  const path = await first.file(processor)
  expect(readFileSync(path, 'utf8')).toBe('export const a = 1')
  const second = await unpacked(startOf({ processor }, { run: 'another' }))
  expect(await second.file(processor)).toBe(path)
  expect(read).toHaveLength(1)
  writeFileSync(path, 'export const a = 2')
  await (await unpacked(startOf({ processor }))).file(processor)
  expect(read).toHaveLength(2)
  expect(readFileSync(path, 'utf8')).toBe('export const a = 1')
})

it('takes a part that rides in the event from there, and refuses one that was changed', async () => {
  const { hash } = await partOf('export const a = 1', 'mjs')
  const inline = Buffer.from('export const a = 1').toString('base64')
  const { bytes, file } = await unpacked(startOf({}))
  const part = { key: `bundles/${hash}.mjs`, hash, inline }
  expect(Buffer.from(await bytes(part)).toString()).toBe('export const a = 1')
  expect(readFileSync(await file(part), 'utf8')).toBe('export const a = 1')
  expect(read).toEqual([])
  await expect(bytes({ ...part, hash: '0'.repeat(64) })).rejects.toThrow(/bundles\/\w+\.mjs is damaged: its hash is/)
})

it('leaves nothing of a run to the next, not even what its code has written', async () => {
  const files = [{ path: 'words.txt', ...(await partOf('words', 'txt')) }]
  const first = await unpacked(startOf({ files }))
  writeFileSync(join(first.root, 'written.txt'), 'by code')
  const second = await unpacked(startOf({ files }, { attempt: 2 }))
  expect(readdirSync(join(tmp, 'slsart/runs'))).toEqual(['test-0-2'])
  expect(readdirSync(second.root)).toEqual(['words.txt'])
})

it('forgets the parts of earlier runs when they have become large', async () => {
  const large = await partOf('x'.repeat(129 * 2 ** 20), 'bin')
  const small = await partOf('small', 'bin')
  const first = await unpacked(startOf({ rows: [large, small] }))
  for (const part of [large, small]) await first.bytes(part)
  await unpacked(startOf({ rows: [small] }))
  expect(readdirSync(join(tmp, 'slsart/parts'))).toEqual([`${small.hash}.bin`])
})
