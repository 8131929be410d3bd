import { describe, expect, it } from 'vitest'
import { entryOf, hostIn, hostOf, isListed, refusalOf, refusalUnseen } from '../../../src/wire/targets.ts'

it.each([
  ['http://shop.example.com/items', 'shop.example.com'],
  ['https://SHOP.example.com:8443', 'shop.example.com'],
  ['wss://shop.example.com./x', 'shop.example.com'],
  ['http://user:pass@shop.example.com/', 'shop.example.com'],
  ['http://good.example\\@bad.example/', 'good.example'],
  ['http:shop.example', 'shop.example'],
  ['http:\\\\shop.example', 'shop.example'],
  ['http://2852039166/', '169.254.169.254'],
  ['http://[::ffff:a9fe:a9fe]/', '::ffff:a9fe:a9fe'],
  ['http://ex\tample.com/', 'example.com'],
  ['http://bücher.example/', 'xn--bcher-kva.example'],
  ['http://shop.example.com/{{ id }}', 'shop.example.com'],
  ['http://{{ host }}/', null],
  ['http://{{host}}/', null],
  ['/items', null],
  ['', null],
])('the host in %j is %s', (url, host) => expect(hostIn(url)).toBe(host))

it.each([
  ['api.example.com', 'api.example.com'],
  ['API.Example.com.', 'api.example.com'],
  ['*.example.com', '*.example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['intranet', 'intranet'],
  ['203.0.113.7', '203.0.113.7'],
  ['0xcb007107', '203.0.113.7'],
  ['2001:DB8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['*', null],
  ['*.com', null],
  ['*.1.2.3', null],
  ['a.*.com', null],
  ['*.*.example.com', null],
  ['http://example.com', null],
  ['example.com:8080', null],
  ['example.com/x', null],
  ['203.0.113.0/24', null],
  ['', null],
  ['a b', null],
])('an entry like %j is kept as %s', (text, entry) => expect(entryOf(text)).toBe(entry))

it('a name is what it is called, in small letters and without the dot at its end', () => {
  expect(['Example.COM', 'example.com.', '::1', '[::1]'].map(hostOf)).toEqual([
    'example.com',
    'example.com',
    '::1',
    '::1',
  ])
})

it('an entry with a star is for all below it, and not for itself', () => {
  const list = ['*.example.com']
  const hosts = ['a.example.com', 'a.b.example.com', 'example.com', 'badexample.com', 'a.example.com.evil.net']
  expect(hosts.map((host) => isListed(host, list))).toEqual([true, true, false, false, false])
})

describe('nothing goes', () => {
  it.each<[string, string, string[], string | null]>([
    ['localhost', '127.0.0.1', [], null],
    ['intranet', '10.0.0.1', [], null],
    ['shop.example.com', '203.0.113.7', [], 'unlisted'],
    ['shop.example.com', '203.0.113.7', ['shop.example.com'], null],
    ['Shop.Example.com.', '203.0.113.7', ['shop.example.com'], null],
    ['shop.example.com', '203.0.113.7', ['203.0.113.7'], null],
    ['shop.example.com', '2001:db8::1', ['2001:db8::1'], null],
    ['203.0.113.7', '203.0.113.7', ['203.0.113.7'], null],
    ['203.0.113.8', '203.0.113.8', ['203.0.113.7'], 'unlisted'],
    ['shop.example.com', '169.254.169.254', ['shop.example.com'], 'metadata'],
    ['169.254.169.254', '169.254.169.254', ['169.254.169.254'], 'metadata'],
    ['shop.example.com', '::ffff:a9fe:a9fe', ['shop.example.com'], 'metadata'],
    ['metadata.google.internal', '10.0.0.1', ['metadata.google.internal'], 'metadata'],
    ['METADATA.google.internal.', '203.0.113.7', [], 'metadata'],
    ['100.64.0.1', '100.64.0.1', [], 'unlisted'],
  ])('to %s at %s with the list %j: %s', (host, address, list, refusal) =>
    expect(refusalOf(host, address, list)).toBe(refusal),
  )

  it.each<[string, string[], string | null]>([
    ['localhost', [], null],
    ['127.0.0.1', [], null],
    ['shop.example.com', [], 'unlisted'],
    ['shop.example.com', ['shop.example.com'], null],
    ['metadata.google.internal', ['metadata.google.internal'], 'metadata'],
    ['2852039166', ['2852039166'], 'metadata'],
  ])('through a proxy to %s with the list %j: %s', (host, list, refusal) =>
    expect(refusalUnseen(host, list)).toBe(refusal),
  )
})
