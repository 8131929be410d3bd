import { describe, expect, it } from 'vitest'
import { fillTemplates, mergeOver } from '../../../src/scenario/merge.ts'

describe('merging over', () => {
  it.each<[string, unknown, unknown, unknown]>([
    ['a value replaces a value', 1, 2, 2],
    ['keys are joined', { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ['the same key is replaced', { a: 1, b: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [
      'objects merge at any depth',
      { http: { pool: 1, timeout: 2 } },
      { http: { pool: 9 } },
      { http: { pool: 9, timeout: 2 } },
    ],
    ['lists merge position by position', [{ a: 1, b: 1 }, { a: 2 }], [{ a: 9 }], [{ a: 9, b: 1 }, { a: 2 }]],
    ['a longer list adds to the end', [1], [7, 8], [7, 8]],
    ['a list replaces what is no list', 'x', [1], [1]],
    ['an object replaces what is no object', [1], { a: 1 }, { a: 1 }],
    ['null replaces', { a: 1 }, { a: null }, { a: null }],
  ])('%s', (_, under, over, merged) => {
    expect(mergeOver(under, over)).toEqual(merged)
  })

  it('leaves both as they were', () => {
    const under = { phases: [{ duration: 1 }] }
    const over = { phases: [{ duration: 2 }] }
    mergeOver(under, over)
    expect([under, over]).toEqual([{ phases: [{ duration: 1 }] }, { phases: [{ duration: 2 }] }])
  })
})

describe('filling templates', () => {
  const names = { env: { HOST: 'example.com', EMPTY: '' }, fixed: { $environment: 'dev', $dirname: '/home/me' } }
  const unset = (name: string, path: (string | number)[]): never => {
    throw new Error(`${name} at ${path.join('.')}`)
  }

  it.each<[string, unknown, unknown]>([
    ['a variable of the environment', '{{ $env.HOST }}', 'example.com'],
    ['its long name', '{{ $processEnvironment.HOST }}', 'example.com'],
    ['in brackets', '{{ $env[HOST] }} {{ $env["HOST"] }}', 'example.com example.com'],
    ['in three braces', '{{{ $env.HOST }}}', 'example.com'],
    ['in a key', { '{{ $env.HOST }}': 1 }, { 'example.com': 1 }],
    ['without spaces', 'http://{{$env.HOST}}/', 'http://example.com/'],
    ['several in one text', '{{ $environment }}.{{ $env.HOST }}', 'dev.example.com'],
    ['one that is set to nothing', 'a{{ $env.EMPTY }}b', 'ab'],
    ['the script’s folder', '{{ $dirname }}/data', '/home/me/data'],
    ['deep inside', { a: [{ b: '{{ $env.HOST }}' }] }, { a: [{ b: 'example.com' }] }],
    ['what a virtual user fills in stays', 'hello {{ name }}', 'hello {{ name }}'],
    ['what is no text stays', { a: 1, b: true, c: null }, { a: 1, b: true, c: null }],
  ])('%s', (_, value, filled) => {
    expect(fillTemplates(value, names, unset)).toEqual(filled)
  })

  it.each(['constructor', 'toString'])('a virtual user’s variable named %s stays too', (name) => {
    expect(fillTemplates(`{{ ${name} }}`, names, unset)).toBe(`{{ ${name} }}`)
  })

  it('tells where a variable is wanted that is not set', () => {
    const config = { http: { headers: [{ key: '{{ $env.TOKEN }}' }] } }
    expect(() => fillTemplates(config, names, unset)).toThrow('TOKEN at http.headers.0.key')
  })
})
