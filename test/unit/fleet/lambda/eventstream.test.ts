import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MessageDecoder, streamEventOf } from '../../../../src/fleet/lambda/eventstream.ts'
import { holds } from '../../../support/property.ts'
import { codec, completeOf, message, payloadOf } from './api.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const messages = fc.array(fc.record({ payload: bytes, name: fc.string({ minLength: 1, maxLength: 20 }) }), {
  maxLength: 5,
})

/** The bytes cut at these places. */
const cut = (whole: Buffer, places: readonly number[]): Buffer[] => {
  const at = [0, ...places.map((place) => place % (whole.length + 1)).toSorted((a, b) => a - b), whole.length]
  return at.slice(1).map((to, i) => whole.subarray(at[i], to))
}

describe('a stream of messages', () => {
  it('is read as the SDK wrote it, wherever it is cut', () => {
    holds(fc.tuple(messages, fc.array(fc.nat(), { maxLength: 20 })), ([sent, places]) => {
      const whole = Buffer.concat(
        sent.map(({ payload, name }) =>
          codec.encode({
            headers: {
              name: { type: 'string', value: name },
              flag: { type: 'boolean', value: true },
              size: { type: 'integer', value: 7 },
              raw: { type: 'binary', value: Uint8Array.of(1, 2) },
              at: { type: 'timestamp', value: new Date(0) },
              last: { type: 'string', value: '' },
            },
            body: payload,
          }),
        ),
      )
      const decoder = new MessageDecoder()
      const read = cut(whole, places).flatMap((piece) => decoder.push(piece))
      expect(read.map(({ headers }) => headers)).toEqual(sent.map(({ name }) => ({ name, last: '' })))
      expect(read.map(({ payload }) => [...payload])).toEqual(sent.map(({ payload }) => [...payload]))
    })
  })

  it('is refused when any byte of it is not what was sent', () => {
    const whole = Buffer.from(message('PayloadChunk', Uint8Array.of(1, 2, 3)))
    holds(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 })), ([at, flip]) => {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] as number) ^ flip
      expect(() => new MessageDecoder().push(damaged)).toThrow(RangeError)
    })
  })

  it.each([
    ['longer than any message', 0xffff_ffff, 0],
    ['headers longer than any', 200_100, 200_000],
    ['headers longer than the message', 40, 80],
    ['shorter than a message can be', 15, 0],
    ['nothing at all', 0, 0],
  ])('is refused at once when its length is hostile: %s', (_, length, headers) => {
    const prelude = Buffer.alloc(12)
    prelude.writeUInt32BE(length, 0)
    prelude.writeUInt32BE(headers, 4)
    prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8)
    expect(() => new MessageDecoder().push(prelude)).toThrow(RangeError)
  })

  it.each([
    ['goes beyond the headers', [3, 97, 98]],
    ['has a value that goes beyond them', [1, 97, 7, 0, 9, 98]],
    ['has no type', [1, 97]],
  ])('is refused when a header %s', (_, header) => {
    const head = Buffer.alloc(12)
    head.writeUInt32BE(12 + header.length + 4, 0)
    head.writeUInt32BE(header.length, 4)
    head.writeUInt32BE(crc32(head.subarray(0, 8)), 8)
    const body = Buffer.concat([head, Buffer.from(header)])
    const end = Buffer.alloc(4)
    end.writeUInt32BE(crc32(body), 0)
    expect(() => new MessageDecoder().push(Buffer.concat([body, end]))).toThrow(RangeError)
  })

  it('of six megabytes in pieces is put together once', () => {
    const whole = Buffer.from(message('PayloadChunk', Buffer.alloc(6 * 2 ** 20, 7)))
    const decoder = new MessageDecoder()
    const from = performance.now()
    const read = cut(
      whole,
      Array.from({ length: 6_000 }, (_, i) => i * 1_024),
    ).flatMap((piece) => decoder.push(piece))
    expect(read[0]?.payload).toHaveLength(6 * 2 ** 20)
    // Put together anew for each piece, these are 18 GB.
    expect(performance.now() - from).toBeLessThan(2_000)
  })
})

describe('an event of a stream', () => {
  const only = (bytes: Uint8Array): ReturnType<typeof streamEventOf>[] =>
    new MessageDecoder().push(Buffer.from(bytes)).map(streamEventOf)

  it('is what the worker sent', () => {
    expect(only(payloadOf({ type: 'ready', at: 1 }))).toMatchObject([{ type: 'payload' }])
  })

  it('is the end, with what went wrong and the log', () => {
    expect(only(completeOf({ code: 'Unhandled', details: 'why', log: 'REPORT' }))).toEqual([
      { type: 'complete', code: 'Unhandled', details: 'why', log: 'REPORT' },
    ])
    expect(only(message('InvokeComplete', new Uint8Array()))).toEqual([
      { type: 'complete', code: null, details: '', log: '' },
    ])
  })

  it('is an exception', () => {
    expect(only(message('InternalFailure', Buffer.from('gone'), 'exception'))).toEqual([
      { type: 'exception', code: 'InternalFailure', message: 'gone' },
    ])
  })

  it('may be one that is not known yet', () => {
    expect(only(message('Tomorrow', new Uint8Array()))).toEqual([{ type: 'unknown' }])
  })
})
