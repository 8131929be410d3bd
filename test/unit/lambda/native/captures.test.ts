import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { capturesOf } from '../../../../lambda/engines/native/captures.ts'
import type { UserContext } from '../../../../lambda/engines/native/flow.ts'

const READ: [object | object[], boolean][] = [
  [{ json: '$.a', as: 'a' }, false],
  [{ regexp: 'a', as: 'a' }, false],
  [{ header: 'x-a', as: 'a' }, true],
  [{ json: null, header: 'x-a', as: 'a' }, true],
  [{ json: '$..a', as: 'a' }, true],
  [
    [
      { json: '$.a', as: 'a' },
      { header: 'x-a', as: 'b' },
    ],
    true,
  ],
]

/** What is captured of an answer whose body came at once, or in pieces. */
function captured(capture: object[], body: string, atOnce: boolean): Record<string, unknown> {
  const vars: Record<string, unknown> = {}
  const bytes = Buffer.from(`..${body}..`)
  const piece = atOnce ? { bytes, from: 2, to: bytes.length - 2 } : null
  const headers: IncomingHttpHeaders = { 'x-a': 'head' }
  capturesOf({ capture }, () => {})?.take(
    { headers, piece, read: () => body },
    { vars, _defaultStrictCapture: true } as UserContext,
    (held) => {
      vars.held = held
    },
  )
  return vars
}

describe('captures', () => {
  it('say whether they read more of an answer than its body', () => {
    for (const [capture, readsHead] of READ) {
      expect(capturesOf({ capture }, () => {})?.readsHead, JSON.stringify(capture)).toBe(readsHead)
    }
    expect(capturesOf({ match: { json: '$.a', value: '1' } }, () => {})?.readsHead).toBe(true)
    expect(capturesOf({}, () => {})).toBeNull()
  })

  it('are the same of a body that came at once and of one that did not', () => {
    const one = [{ json: '$.a[1]', as: 'a' }]
    const two = [...one, { json: '$.b', as: 'b' }, { regexp: 'se.', as: 'c' }, { header: 'x-a', as: 'd' }]
    for (const body of ['{"a":["first","second"],"b":{"c":1}}', '{"a":[]}', 'no JSON', '']) {
      for (const capture of [one, two]) {
        expect(captured(capture, body, true), body).toEqual(captured(capture, body, false))
      }
    }
    expect(captured(two, '{"a":["first","second"],"b":{"c":1}}', true)).toEqual({
      ...{ a: 'second', b: { c: 1 }, c: 'sec', d: 'head', held: true },
    })
  })
})
