/** Scripts that were made to do harm: each is refused with its place, and in a moment. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { unsoundIn } from '../../../src/scenario/sound.ts'
import { GOOD, good, read, refusal } from './folder.ts'

const laughs = (levels: number): string =>
  Array.from(
    { length: levels },
    (_, i) =>
      `  a${i}: &a${i} [${
        i === 0
          ? 'lol'
          : Array(10)
              .fill(`*a${i - 1}`)
              .join(', ')
      }]`,
  ).join('\n')
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`

describe('a script is refused', () => {
  it.each([9, 30])('when its aliases multiply without end: %d levels', async (levels) => {
    const began = performance.now()
    const said = await refusal(
      good('  phases:', `  variables:\n  ${laughs(levels).replaceAll('\n', '\n  ')}\n  phases:`),
    )
    expect(said).toMatch(/script\.yml.*(alias|a million values)/i)
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it.each([101, 5_000, 200_000])('when it is nested %d levels deep', async (levels) => {
    const deep = good('  phases:', `  variables: { a: ${nested(levels)} }\n  phases:`)
    expect(await refusal(deep)).toMatch(/script\.yml(:\d+:\d+)?: it is nested more than 100 levels deep/)
  })

  it('when it is larger than a worker could be told, before it is read', async () => {
    expect(await refusal(`${GOOD}# ${'x'.repeat(8 * 2 ** 20)}\n`)).toContain(
      'script.yml has 8.0 MB, and may have 8.0 MB',
    )
  })

  it.each([
    [
      'a key of YAML',
      good('  phases:', '  __proto__: { polluted: 1 }\n  phases:'),
      'script.yml:3:3: "__proto__" cannot be a key',
    ],
    [
      'one that YAML merges in',
      good('  phases:', '  variables:\n    <<: { __proto__: { polluted: 1 } }\n  phases:'),
      '"__proto__" cannot be a key',
    ],
    [
      'one deep in a flow',
      good('get: { url: / }', 'get: { url: /, json: [{ __proto__: {} }] }'),
      '"__proto__" cannot be a key',
    ],
  ])('when it has __proto__ for a key: %s', async (_, script, said) => {
    expect(await refusal(script)).toContain(said)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it.each([
    ['--variables', { variables: '{"__proto__":{"polluted":1}}' }],
    ['--overrides', { overrides: '{"config":{"http":{"__proto__":{"polluted":1}}}}' }],
  ])('when %s have such a key', async (flag, options) => {
    expect(await refusal(GOOD, {}, options)).toContain(`${flag}: "__proto__" cannot be a key`)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it.each([
    ['a column', '{ path: rows.csv, fields: [__proto__] }'],
    ['all rows', '{ path: rows.csv, fields: [a], loadAll: true, name: __proto__ }'],
  ])('when %s would be named so', async (_, payload) => {
    expect(await refusal(good('  phases:', `  payload: ${payload}\n  phases:`), { 'rows.csv': 'a\n' })).toContain(
      '"__proto__" cannot be the name of a variable',
    )
  })

  it('when its data are larger than can be read at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'slsart-large-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const large = join(folder, 'rows.csv')
    writeFileSync(large, '')
    truncateSync(large, 200 * 2 ** 20)
    const script = good('  phases:', `  payload: { path: ${large}, fields: [a] }\n  phases:`)
    expect(await refusal(script, {}, { outside: true })).toContain('has 200.0 MB, and may have 100.0 MB')
  })

  it('when its processor is found, without its ending, behind a link that leads out of the project', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'slsart-outside-'))
    onTestFinished(() => rmSync(outside, { recursive: true }))
    const project = join(outside, 'project')
    mkdirSync(project)
    writeFileSync(join(project, 'package.json'), '{}')
    writeFileSync(join(outside, 'hooks.js'), 'exports.a = () => {}')
    symlinkSync('../hooks.js', join(project, 'hooks.js'))
    const script = good('  phases:', '  processor: ./hooks\n  phases:')
    writeFileSync(join(project, 'script.yml'), script)
    expect(await refusal(null, {}, { paths: [join(project, 'script.yml')] })).toContain('lies outside the project')
    expect((await read(null, {}, { paths: [join(project, 'script.yml')], outside: true })).processor).toContain(
      'hooks.js',
    )
  })
})

it('takes what is merged by aliases, and keys that only look odd', async () => {
  const script = good('  phases:', '  variables: { a: &a { constructor: 1, prototype: 2 }, b: *a, c: *a }\n  phases:')
  expect((await read(script)).variables).toMatchObject({ b: { constructor: 1, prototype: 2 } })
})

it('takes columns of a header that names them as objects name their own', async () => {
  const payload = '{ path: rows.csv, options: { columns: true } }'
  const script = good('  phases:', `  payload: ${payload}\n  phases:`)
  const { feeds } = await read(script, { 'rows.csv': '__proto__,constructor.prototype,a\nx,y,z\n' })
  expect(feeds[0]?.rows).toHaveLength(1)
  expect(({} as { x?: unknown }).x).toBeUndefined()
  expect(JSON.stringify(feeds[0]?.rows)).toContain('"a":"z"')
})

it('finds the place of what it refuses', () => {
  expect(unsoundIn({ a: [1, { b: JSON.parse('{"__proto__":1}') }] })).toEqual({
    kind: 'key',
    path: ['a', 1, 'b', '__proto__'],
  })
  expect(unsoundIn({ a: [1, new Date(), null] })).toBeNull()
})
