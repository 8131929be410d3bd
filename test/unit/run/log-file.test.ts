import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LogFile } from '../../../src/run/log-file.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slsart-log-'))
  path = join(folder, 'events.bin')
})
afterEach(() => rm(folder, { recursive: true }))

const HEAD = 4
/** Entries of a number and as many bytes, which tell where in them they are. */
const payloadOf = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => (i + length) % 251)
const append = (file: LogFile, length: number): void =>
  file.append(HEAD, (into, at) => into.writeUInt32BE(length, at), payloadOf(length))
const written = (lengths: readonly number[]): Buffer =>
  Buffer.concat(
    lengths.flatMap((length) => {
      const head = Buffer.alloc(HEAD)
      head.writeUInt32BE(length)
      return [head, payloadOf(length)]
    }),
  )

describe('what is added to a log’s file', () => {
  it('is in it after its closing, in its order, however much there is and while it is being written', async () => {
    // Less than is written at once, more, more than was ever gathered, and entries that come while others are on their way.
    const lengths = Array.from({ length: 600 }, (_, i) => (i === 300 ? 700_000 : (i * 997) % 9_000))
    const file = new LogFile(path)
    for (const [i, length] of lengths.entries()) {
      append(file, length)
      if (i % 50 === 49) await new Promise((resolve) => setImmediate(resolve))
    }
    await file.close()
    const all = written(lengths)
    expect(file.problem).toBeNull()
    expect(file.written).toBe(all.length)
    expect((await readFile(path)).equals(all)).toBe(true)
  })

  it('is in it a moment later without any more to write, for who follows it', async () => {
    const file = new LogFile(path)
    append(file, 10)
    await vi.waitUntil(async () => (await stat(path)).size === HEAD + 10)
    append(file, 20)
    await vi.waitUntil(async () => (await stat(path)).size === 2 * HEAD + 30)
    await file.close()
  })
})
