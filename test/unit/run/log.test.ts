import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packFrame } from '../../../lambda/packing.ts'
import { readHead } from '../../../src/measure/frame.ts'
import { eventsOf, framesBySecond, framesBySlice, openRunLog } from '../../../src/run/log.ts'
import { frameBytes } from '../../support/arbitraries.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slsart-frames-'))
  path = join(folder, 'events.bin')
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

const HEAD = 21

/** Writes the log; the offset at which each entry ends. */
async function write(): Promise<number[]> {
  const log = openRunLog(path)
  let end = 0
  const ends = arriving.map((sketch) => {
    const packed = packFrame(frameBytes(sketch))
    log.frame(sketch, packed, 1_000.25)
    end += HEAD + packed.length
    return end
  })
  await log.close()
  expect(log.problem()).toBeNull()
  return ends
}
const heads = (): { slice: number; second: number }[] =>
  [...framesBySecond(path)].map(readHead).map(({ slice, second }) => ({ slice, second }))

describe('a run’s log', () => {
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

  it('gives its frames back by worker', async () => {
    await write()
    expect([...framesBySlice(path)].map(readHead).map(({ slice, seq }) => [slice, seq])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
    ])
  })

  it('gives every event back as it happened, at the moment it did', async () => {
    const log = openRunLog(path)
    log.event({ type: 'ready', slice: 1, attempt: 1, at: 0 }, 7)
    log.frame({ slice: 1, second: 0 }, packFrame(frameBytes({ slice: 1 })), 8.5)
    log.event({ type: 'gone', slice: 1, attempt: 1, again: false, reason: 'exit code 0', billed: null }, 9)
    await log.close()
    expect([...eventsOf(path)]).toMatchObject([
      { now: 7, event: { type: 'ready', slice: 1, attempt: 1, at: 0 } },
      { now: 8.5, event: { type: 'frame', slice: 1, bytes: expect.any(Uint8Array) } },
      { now: 9, event: { type: 'gone', slice: 1, attempt: 1, again: false, reason: 'exit code 0', billed: null } },
    ])
    expect([...framesBySecond(path)].length).toBe(1)
  })

  it('leaves out what was damaged, and gives the rest', async () => {
    const [first = 0] = await write()
    const bytes = await readFile(path)
    bytes.fill(0xff, first + HEAD, first + HEAD + 8)
    await writeFile(path, bytes)
    expect(heads().length).toBe(arriving.length - 1)
    expect([...eventsOf(path)].length).toBe(arriving.length - 1)
  })

  it('without frames is empty', async () => {
    await openRunLog(path).close()
    expect(heads()).toEqual([])
  })

  it('is never written over', async () => {
    await write()
    expect(() => openRunLog(path)).toThrow('EEXIST')
  })
})
