/**
 * The frames of a run on disk: appended as they arrive, read back in order of their second. An entry is its length
 * and its second (4 bytes each, big-endian) and the frame as the worker packed it. A file cut off at any byte gives
 * every frame before the cut.
 */

import { once } from 'node:events'
import { closeSync, createWriteStream, fstatSync, openSync, readSync } from 'node:fs'
import { inflateSync } from 'node:zlib'

const HEAD = 8

export type FrameLog = {
  append(second: number, packed: Uint8Array): void
  /** Why frames could not be written, or null. */
  problem(): string | null
  close(): Promise<void>
}

export async function openFrameLog(path: string): Promise<FrameLog> {
  const file = createWriteStream(path, { flags: 'wx' })
  let problem: string | null = null
  await once(file, 'open')
  file.on('error', (error) => {
    problem ??= error.message
  })
  return {
    append(second, packed) {
      const head = Buffer.alloc(HEAD)
      head.writeUInt32BE(packed.length, 0)
      head.writeInt32BE(second, 4)
      file.write(Buffer.concat([head, packed]))
    },
    problem: () => problem,
    close: () => new Promise((resolve) => (file.destroyed ? resolve() : file.close(() => resolve()))),
  }
}

/** Every whole frame of a log, unpacked, sorted by second; one at a time, so that a long run fits in memory. */
export function* framesBySecond(path: string): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    const entries = index(file)
    entries.sort((a, b) => a.second - b.second || a.offset - b.offset)
    for (const { offset, length } of entries) {
      const packed = Buffer.alloc(length)
      readSync(file, packed, 0, length, offset)
      yield inflateSync(packed)
    }
  } finally {
    closeSync(file)
  }
}

type Entry = { second: number; offset: number; length: number }

function index(file: number): Entry[] {
  const { size } = fstatSync(file)
  const head = Buffer.alloc(HEAD)
  const entries: Entry[] = []
  for (let at = 0; at + HEAD <= size; ) {
    readSync(file, head, 0, HEAD, at)
    const length = head.readUInt32BE(0)
    const offset = at + HEAD
    if (offset + length > size) break
    entries.push({ second: head.readInt32BE(4), offset, length })
    at = offset + length
  }
  return entries
}
