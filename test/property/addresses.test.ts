/** Any spelling of an address is that address, and the ranges are those that node's own list makes of them. */
import { BlockList } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { kindOf } from '../../src/wire/addresses.ts'
import { holds } from '../support/property.ts'

/** Edges of ranges are met more often than chance would. */
const EDGES = [
  ...[0, 1, 0x0a000000, 0x0affffff, 0x0b000000, 0x7f000001, 0x7effffff, 0x80000000, 0xa9fdffff, 0xa9fe0000, 0xa9fea9fe],
  ...[0xa9feffff, 0xa9ff0000, 0xac0fffff, 0xac100000, 0xac1fffff, 0xac200000, 0xc0a80000, 0xc0a8ffff, 0xa83f8110],
  ...[0x646464c8, 0xc00000c0, 0xffffffff],
]
const numbers = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(...EDGES))
const bytesOf = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
const dotted = (n: number): string => bytesOf(n).join('.')

const lists = { refused: new BlockList(), private: new BlockList() }
lists.refused.addSubnet('169.254.0.0', 16)
for (const address of ['168.63.129.16', '100.100.100.200', '192.0.0.192']) lists.refused.addAddress(address)
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['0.0.0.0', 32],
] as const)
  lists.private.addSubnet(net, bits)
for (const [net, bits] of [
  ['fe80::', 10],
  ['fd00:ec2::', 32],
] as const)
  lists.refused.addSubnet(net, bits, 'ipv6')
for (const address of ['fd20:ce::254', 'fd00:c1::a9fe:a9fe', 'fd00:42::42']) lists.refused.addAddress(address, 'ipv6')
lists.private.addSubnet('fc00::', 7, 'ipv6')
for (const address of ['::', '::1']) lists.private.addAddress(address, 'ipv6')

const expected = (address: string, family: 'ipv4' | 'ipv6'): string =>
  lists.refused.check(address, family) ? 'refused' : lists.private.check(address, family) ? 'private' : 'public'

test("IPv4: as node's list has it", () => {
  holds(numbers, (n) => expect(kindOf(dotted(n)), dotted(n)).toBe(expected(dotted(n), 'ipv4')), { runs: 5_000 })
})

/** What getaddrinfo and the URL standard read as the same: fewer parts, in other bases, with zeros in front. */
const spelled = fc
  .record({
    n: numbers,
    parts: fc.integer({ min: 1, max: 4 }),
    bases: fc.array(fc.constantFrom(8, 10, 16), { minLength: 4, maxLength: 4 }),
    zeros: fc.nat(3),
    isLarge: fc.boolean(),
  })
  .map(({ n, parts, bases, zeros, isLarge }) => {
    const bytes = bytesOf(n)
    const last = bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0)
    const text = [...bytes.slice(0, parts - 1), last]
      .map((part, i) => {
        const base = bases[i] ?? 10
        const digits = part.toString(base)
        return base === 10 ? digits : `${base === 8 ? '0' : '0x'}${'0'.repeat(zeros)}${digits}`
      })
      .join('.')
    return { n, text: isLarge ? text.toUpperCase().replaceAll('0X', '0x') : text }
  })

test('IPv4: every spelling is the address', () => {
  holds(spelled, ({ n, text }) => expect(kindOf(text), text).toBe(kindOf(dotted(n))), { runs: 5_000 })
})

test('IPv4 mapped into IPv6 is the address, in every spelling', () => {
  holds(numbers, (n) => {
    const hex = n.toString(16).padStart(8, '0')
    for (const tail of [
      dotted(n),
      `${hex.slice(0, 4)}:${hex.slice(4)}`,
      `${hex.slice(0, 4)}:${hex.slice(4)}`.toUpperCase(),
    ])
      for (const head of ['::ffff:', '0:0:0:0:0:FFFF:', '0000::ffff:', '[::ffff:'])
        expect(kindOf(head + tail + (head.startsWith('[') ? ']' : '')), head + tail).toBe(kindOf(dotted(n)))
  })
})

/** The first groups are often those of a range; none of them carries an address of IPv4. */
const groups = fc
  .tuple(
    fc.constantFrom<number[]>(
      [],
      [0xfe80],
      [0xfebf],
      [0xfec0],
      [0xfd00, 0xec2],
      [0xfd00, 0xec3],
      [0xfc00],
      [0xfdff],
      [0xfbff],
      [0x2606],
    ),
    fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 }),
  )
  .map(([head, rest]) => [...head, ...rest].slice(0, 8))
  .filter(
    ([a = 0, b = 0, , , , c]) => a !== 0 && a !== 0x2002 && !(a === 0x2001 && b === 0) && a !== 0x64 && c !== 0x5efe,
  )

test("IPv6: as node's list has it, with the zeros left out or not", () => {
  holds(
    groups,
    (each) => {
      const long = each.map((group) => group.toString(16).padStart(4, '0')).join(':')
      const kind = expected(long, 'ipv6')
      const short = URL.parse(`http://[${long}]`)?.hostname ?? ''
      for (const text of [long, long.toUpperCase(), short, `${long}%eth0`]) expect(kindOf(text), text).toBe(kind)
    },
    {
      runs: 5_000,
      examples: [
        [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254],
        [0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42],
      ],
    },
  )
})

test('whatever leads to a refused IPv4 address is refused', () => {
  const near = fc.nat(0xffff).map((low) => (0xa9fe0000 + low) >>> 0)
  holds(near, (n) => {
    const [high, low] = [(n >>> 16).toString(16), (n & 0xffff).toString(16)]
    const [inverse, other] = [((n >>> 16) ^ 0xffff).toString(16), ((n & 0xffff) ^ 0xffff).toString(16)]
    for (const text of [
      ...[`::${high}:${low}`, `64:ff9b::${high}:${low}`, `64:ff9b:1:2::${high}:${low}`, `2002:${high}:${low}::`],
      ...[`2001:0:${high}:${low}::1`, `2001:0:1:2:3:4:${inverse}:${other}`, `2001:db8::5efe:${high}:${low}`],
    ])
      expect(kindOf(text), text).toBe('refused')
  })
})
