import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedByJson } from '../../../src/wire/task.ts'
import { holds } from '../../support/property.ts'

describe('what JSON would change', () => {
  it('is nothing of what JSON itself can say', () => {
    holds(fc.jsonValue(), (value) => expect(changedByJson(value)).toBeNull())
  })

  it.each<[unknown, string, string]>([
    [undefined, '', 'undefined'],
    [[1, undefined], '[1]', 'undefined'],
    [{ a: { b: 1n } }, '.a.b', 'a bigint'],
    [{ a: Symbol('x') }, '.a', 'a symbol'],
    [[Number.POSITIVE_INFINITY], '[0]', 'Infinity'],
    [{ a: new Map() }, '.a', 'a Map'],
    [new Uint8Array(1), '', 'a Uint8Array'],
    [{ toJSON: () => 1 }, '', 'an object with toJSON'],
  ])('is told with its place: %o', (value, path, what) => {
    expect(changedByJson(value)).toEqual({ path, what })
  })

  it('is not a key without a value, an object twice, or one without a prototype', () => {
    const one = { a: undefined, b: 1 }
    expect(changedByJson([one, one, Object.assign(Object.create(null), { c: 1 })])).toBeNull()
  })

  it('is a value that holds itself', () => {
    const value: unknown[] = []
    value.push({ value })
    expect(changedByJson(value)).toEqual({ path: '[0].value', what: 'a value that holds itself' })
  })
})
