/** Edges that chance seldom finds; test/property/http1.test.ts has the rest. */
import { describe, expect, it } from 'vitest'
import { NodeClient, OurClient } from '../../../support/verdicts.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`
const MAX = 16_384
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
/** What counts of this head: OK, the name and the value. */
const headOf = (counting: number): string => `${OK}Name: ${'v'.repeat(counting - 6)}\r\n\r\n`

describe('the answer parser', () => {
  it.each([
    ['a head just under the limit', headOf(MAX - 1)],
    ['a head at the limit', headOf(MAX)],
    ['a name that never ends', `${OK}${'n'.repeat(MAX)}`],
    ['a status text that never ends', `HTTP/1.1 200 ${'t'.repeat(MAX)}`],
    ['trailers over the limit', `${CHUNKED}0\r\n${'a: b\r\n'.repeat(MAX / 2)}\r\n`],
    ['chunk extensions just under their limit', `${CHUNKED}1;${'e'.repeat(16_384)}\r\nx\r\n0\r\n\r\n`],
    ['chunk extensions over their limit', `${CHUNKED}1;${'e'.repeat(16_385)}\r\nx\r\n0\r\n\r\n`],
    ['the largest chunk there can be', `${CHUNKED}ffffffffffffffff\r\nx`],
    ['a chunk too large to count', `${CHUNKED}10000000000000000\r\nx`],
    ['a chunk size of many zeros', `${CHUNKED}${'0'.repeat(40)}1\r\nx\r\n0\r\n\r\n`],
    ['the largest length there can be', `${OK}Content-Length: 18446744073709551615\r\n\r\nx`],
    ['a length too large to count', `${OK}Content-Length: 18446744073709551616\r\n\r\nx`],
    ['a length of nothing', `${OK}Content-Length:\r\n\r\n`],
    [
      'a length that breaks off where the head would be too large behind it',
      `${OK}Content-Length: 5x${'v'.repeat(MAX)}\r\n\r\n`,
    ],
    ['more headers than node keeps', `${OK}${'a: b\r\n'.repeat(1500)}Content-Length: 0\r\n\r\n`],
    ['blank lines before the answer', `${'\r\n'.repeat(20_000)}${OK}Content-Length: 0\r\n\r\n`],
  ])('does with %s what node does', (_name, text) => {
    for (const isHead of [false, true]) {
      expect(new OurClient().receive([bytes(text)], isHead)).toEqual(new NodeClient().receive([bytes(text)], isHead))
    }
  })

  it('takes a large head and body byte by byte', () => {
    const text = `${OK}${'Name: value\r\n'.repeat(500)}Content-Length: 5\r\n\r\nhello`
    const sent = Array.from(bytes(text), (byte) => Buffer.of(byte))
    expect(new OurClient().receive(sent, false)).toEqual(new NodeClient().receive(sent, false))
  })

  it('refuses blanks without end before a value, which node would take for ever', () => {
    const verdict = new OurClient().receive([bytes(`${OK}Name:`), ...Array(10).fill(bytes(' '.repeat(20_000)))], false)
    expect(verdict).toMatchObject({ end: 'refused', code: 'HPE_HEADER_OVERFLOW' })
  })
})
