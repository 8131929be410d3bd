import { describe, expect, it } from 'vitest'
import type { NetError } from '../../../../lambda/engines/native/call.ts'
import { type Lookup, type Name, Names } from '../../../../lambda/engines/native/dns.ts'
import { Targets } from '../../../../lambda/targets.ts'
import { anywhere } from '../../../support/calls.ts'

/** Lookups that are answered by hand. */
class Resolver {
  readonly asked: ((addresses: string[] | NodeJS.ErrnoException) => void)[] = []

  readonly lookup: Lookup = (_name, _options, callback) => {
    this.asked.push((answer) => {
      if (answer instanceof Error) callback(answer, [])
      else
        callback(
          null,
          answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        )
    })
  }
}

class Seeker {
  name: Name | null = null
  error: NetError | null = null

  found(name: Name): void {
    this.name = name
  }

  missed(error: NetError): void {
    this.error = error
  }
}

const firsts = (name: Name | null, times: number): string[] =>
  Array.from({ length: times }, () => name?.address(name.nextTurn(), 0) ?? '')
const gone = Object.assign(new Error('getaddrinfo ENOTFOUND a'), { code: 'ENOTFOUND' })

describe('names', () => {
  it('are looked up once for all who ask', () => {
    const resolver = new Resolver()
    const names = new Names(() => 0, anywhere, resolver.lookup)
    const seekers = [new Seeker(), new Seeker()]
    for (const seeker of seekers) expect(names.find('a', seeker)).toBeNull()
    expect(resolver.asked).toHaveLength(1)
    resolver.asked[0]?.(['10.0.0.1'])
    for (const { name } of seekers) expect(name?.address(0, 0)).toBe('10.0.0.1')
    expect(names.find('a', new Seeker())?.size).toBe(1)
  })

  it('are looked up anew beside their use, and used on when that fails', () => {
    let now = 0
    const resolver = new Resolver()
    const names = new Names(() => now, anywhere, resolver.lookup)
    names.find('a', new Seeker())
    resolver.asked[0]?.(['10.0.0.1'])
    now = 25_000_000
    expect(names.find('a', new Seeker())?.address(0, 0)).toBe('10.0.0.1')
    expect(names.find('a', new Seeker())).not.toBeNull()
    expect(resolver.asked).toHaveLength(2)
    resolver.asked[1]?.(['10.0.0.2'])
    expect(names.find('a', new Seeker())?.address(0, 0)).toBe('10.0.0.2')
    now = 90_000_000
    const seeker = new Seeker()
    expect(names.find('a', seeker)).toBeNull()
    resolver.asked[2]?.(gone)
    expect(seeker.name?.address(0, 0)).toBe('10.0.0.2')
  })

  it('that cannot be looked up fail for all who wait, and are tried again', () => {
    const resolver = new Resolver()
    const names = new Names(() => 0, anywhere, resolver.lookup)
    const seeker = new Seeker()
    names.find('a', seeker)
    resolver.asked[0]?.(gone)
    expect(seeker.error).toEqual({ code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND a' })
    expect(names.find('a', new Seeker())).toBeNull()
    expect(resolver.asked).toHaveLength(2)
  })

  it('spread connections over the addresses of the first family, and keep the other for need', () => {
    const resolver = new Resolver()
    const names = new Names(() => 0, anywhere, resolver.lookup)
    const seeker = new Seeker()
    names.find('a', seeker)
    resolver.asked[0]?.(['10.0.0.1', '::2', '10.0.0.3'])
    const { name } = seeker
    expect(firsts(name, 4)).toEqual(['10.0.0.1', '10.0.0.3', '10.0.0.1', '10.0.0.3'])
    expect([0, 1, 2].map((n) => name?.address(1, n))).toEqual(['10.0.0.3', '10.0.0.1', '::2'])
    name?.demote(['10.0.0.1', '10.0.0.3'])
    expect(firsts(name, 2)).toEqual(['::2', '::2'])
    expect(name?.size).toBe(3)
  })

  it('leave out addresses that are refused, and are refused when none is left', async () => {
    const resolver = new Resolver()
    const names = new Names(() => 0, new Targets([], { platform: null, others: [] }, () => {}), resolver.lookup)
    const [some, all, literal] = [new Seeker(), new Seeker(), new Seeker()]
    names.find('some', some)
    names.find('all', all)
    resolver.asked[0]?.(['169.254.1.1', '10.0.0.1'])
    resolver.asked[1]?.(['169.254.1.1'])
    expect(firsts(some.name, 2)).toEqual(['10.0.0.1', '10.0.0.1'])
    expect(all.error).toMatchObject({ code: 'SLSART_METADATA', message: expect.stringContaining('169.254.1.1') })
    expect(names.find('169.254.169.254', literal)).toBeNull()
    await Promise.resolve()
    expect(literal.error?.code).toBe('SLSART_METADATA')
    expect(resolver.asked).toHaveLength(2)
  })

  it('that change to another address are held to the list again', () => {
    let now = 0
    const resolver = new Resolver()
    const targets = new Targets(['listed.example'], { platform: null, others: [] }, () => {})
    const names = new Names(() => now, targets, resolver.lookup)
    for (const name of ['listed.example', 'own.example']) names.find(name, new Seeker())
    resolver.asked[0]?.(['203.0.113.1'])
    resolver.asked[1]?.(['10.0.0.1'])
    expect(names.find('listed.example', new Seeker())?.size).toBe(1)
    expect(names.find('own.example', new Seeker())?.size).toBe(1)
    now = 40_000_000
    const seekers = [new Seeker(), new Seeker()] as const
    names.find('listed.example', seekers[0])
    names.find('own.example', seekers[1])
    resolver.asked[2]?.(['169.254.169.254'])
    resolver.asked[3]?.(['203.0.113.2'])
    expect(seekers.map(({ error }) => error?.code)).toEqual(['SLSART_METADATA', 'SLSART_TARGET'])
  })

  it('that are addresses are not looked up', () => {
    const resolver = new Resolver()
    const names = new Names(() => 0, anywhere, resolver.lookup)
    expect(names.find('::1', new Seeker())?.address(0, 0)).toBe('::1')
    expect(resolver.asked).toHaveLength(0)
  })
})
