import { describe, expect, it } from 'vitest'
import { emptyLedger } from '../../../src/measure/ledger.ts'
import { EventDecoder, encodeEvent, type WorkerEvent } from '../../../src/wire/events.ts'

const decode = (...chunks: Uint8Array[]): WorkerEvent[] => {
  const decoder = new EventDecoder()
  return chunks.flatMap((chunk) => decoder.push(chunk))
}

describe('an event', () => {
  it.each<[string, WorkerEvent]>([
    ['ready', { type: 'ready', at: 0 }],
    ['a frame', { type: 'frame', packed: Uint8Array.of(1, 2, 255) }],
    ['an empty frame', { type: 'frame', packed: new Uint8Array() }],
    ['done', { type: 'done', ledger: { ...emptyLedger(), due: 3, lost: 3 }, frames: 2 }],
    [
      'a fault with its place',
      { type: 'fault', code: 'script', message: 'größer', at: { file: 'a.ts', line: 1, column: 2 } },
    ],
    ['a fault without one', { type: 'fault', code: 'late', message: '', at: null }],
  ])('crosses whole: %s', (_, event) => {
    expect(decode(encodeEvent(event))).toEqual([event])
  })

  it('is length, big-endian, then kind, then payload', () => {
    const frame = encodeEvent({ type: 'frame', packed: new Uint8Array(258) })
    expect([...frame.slice(0, 5)]).toEqual([0, 0, 1, 2, 1])
    expect(frame).toHaveLength(263)
  })

  it('carries a frame as bytes, not as text', () => {
    const packed = new Uint8Array(1000).fill(200)
    expect(encodeEvent({ type: 'frame', packed })).toHaveLength(1005)
  })
})

describe('a stream', () => {
  it('gives nothing until an event is complete', () => {
    const bytes = encodeEvent({ type: 'ready', at: 0 })
    const decoder = new EventDecoder()
    expect(decoder.push(bytes.slice(0, -1))).toEqual([])
    expect(decoder.push(bytes.slice(-1))).toEqual([{ type: 'ready', at: 0 }])
  })

  it('keeps a frame as it was when its chunk’s memory is used again', () => {
    const chunk = encodeEvent({ type: 'frame', packed: Uint8Array.of(1, 2, 3) })
    const [event] = decode(chunk)
    chunk.fill(0)
    expect(event).toEqual({ type: 'frame', packed: Uint8Array.of(1, 2, 3) })
  })

  it('of a kind that is not known throws a RangeError', () => {
    const bytes = encodeEvent({ type: 'ready', at: 0 })
    bytes[4] = 9
    expect(() => decode(bytes)).toThrow(new RangeError('event kind 9 is unknown'))
  })
})
