import { describe, expect, it } from 'vitest'
import {
  artillery,
  artilleryName,
  artilleryRate,
  artilleryRateName,
  named,
  valueIn,
} from '../../../src/measure/names.ts'

describe('a metric’s name', () => {
  it('carries one dimension and its value', () => {
    expect(named('response', 'endpoint', 'GET /items')).toBe('response{endpoint=GET /items}')
  })

  it.each([
    ['a plain value', 'GET /items'],
    ['a number', 200],
    ['a value with braces and equal signs in it', 'GET /{id}?a=b}'],
    ['an empty value', ''],
  ])('gives the value back: %s', (_, value) => {
    expect(valueIn(named('response', 'endpoint', value), 'response', 'endpoint')).toBe(String(value))
  })

  it.each([
    ['a name without a dimension', 'response'],
    ['another dimension', named('response', 'phase', 1)],
    ['another metric', named('responses', 'endpoint', 'GET /')],
  ])('has no value for a dimension that it does not carry: %s', (_, name) => {
    expect(valueIn(name, 'response', 'endpoint')).toBeNull()
  })
})

describe('a name of Artillery’s', () => {
  it('is told from ours, and a rate from a counter', () => {
    const names = [artillery('vusers.created'), artilleryRate('http.request_rate'), 'requests']
    expect(names.map(artilleryName)).toEqual(['vusers.created', null, null])
    expect(names.map(artilleryRateName)).toEqual([null, 'http.request_rate', null])
  })
})
