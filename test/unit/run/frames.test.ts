import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readHead } from '../../../src/measure/frame.ts'
import { framesBySecond, openFrameLog } from '../../../src/run/frames.ts'
import { frameBytes } from '../../support/arbitraries.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slsart-frames-'))
  path = join(folder, 'frames.bin')
})
afterEach(() => rm(folder, { recursive: true }))

/** In the order in which they arrive: two workers, the second one late, one frame before T0. */
const arriving = [
  { slice: 0, seq: 0, second: -1 },
  { slice: 0, seq: 1, second: 0 },
  { slice: 0, seq: 2, second: 1 },
  { slice: 1, seq: 0, second: 0 },
  { slice: 1, seq: 1, second: 1, counters: { launched: 7 } },
]

/** Writes the log; the offset at which each entry ends. */
async function write(): Promise<number[]> {
  const log = await openFrameLog(path)
  let end = 0
  const ends = arriving.map((sketch) => {
    const packed = deflateSync(frameBytes(sketch))
    log.append(sketch.second, packed)
    end += 8 + packed.length
    return end
  })
  await log.close()
  expect(log.problem()).toBeNull()
  return ends
}
const heads = (): { slice: number; second: number }[] =>
  [...framesBySecond(path)].map(readHead).map(({ slice, second }) => ({ slice, second }))

describe('a frame log', () => {
  it('gives its frames back by second, those of one second as they came', async () => {
    await write()
    const order = [
      [-1, 0],
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]
    expect(heads()).toEqual(order.map(([second, slice]) => ({ slice, second })))
  })

  it('gives back the bytes of each frame', async () => {
    await write()
    expect(new Uint8Array([...framesBySecond(path)].at(-1) ?? [])).toEqual(frameBytes(arriving.at(-1) ?? {}))
  })

  it('cut at any byte gives every whole frame before the cut', async () => {
    const ends = await write()
    const whole = await readFile(path)
    const wrong: number[] = []
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(path, whole.subarray(0, length))
      if (heads().length !== ends.filter((end) => end <= length).length) wrong.push(length)
    }
    expect(wrong).toEqual([])
  })

  it('without frames is empty', async () => {
    await (await openFrameLog(path)).close()
    expect(heads()).toEqual([])
  })

  it('is never written over', async () => {
    await write()
    await expect(openFrameLog(path)).rejects.toThrow('EEXIST')
  })
})
