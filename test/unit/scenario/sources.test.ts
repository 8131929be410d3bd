/** Where a script comes from: several files, a config file, an environment, flags, code. */
import { describe, expect, it } from 'vitest'
import { SlsartError } from '../../../src/errors.ts'
import type { Script } from '../../../src/scenario/script.ts'
import { GOOD, good, type Reading, read, refusal } from './folder.ts'

const SCENARIOS =
  'scenarios:\n  - name: buy\n    flow: [{ get: { url: / } }]\n  - name: look\n    flow: [{ get: { url: / } }]\n'
const rate = ({ phases }: Script): unknown => phases.map(({ load }) => ('from' in load ? load.from : load))

describe('several script files', () => {
  it('are merged in turn, maps key by key and lists place by place', async () => {
    const script = await read(
      null,
      {
        'a.yml':
          'config:\n  target: http://127.0.0.1:1\n  variables: { a: 1, b: 1 }\n  phases: [{ duration: 1, arrivalRate: 2 }]\n',
        'b.json': JSON.stringify({
          config: { variables: { b: 2 }, phases: [{ arrivalRate: 7 }] },
          scenarios: [{ flow: [] }],
        }),
      },
      { paths: ['a.yml', 'b.json'] },
    )
    expect(script.variables).toEqual({ a: 1, b: 2 })
    expect(rate(script)).toEqual([7])
    expect(script.source.file).toMatch(/a\.yml$/)
  })

  it('say which of them an error is in', async () => {
    const files = { 'a.yml': GOOD, 'b.yml': 'config:\n  phases:\n    - duration: never\n' }
    expect(await refusal(null, files, { paths: ['a.yml', 'b.yml'] })).toMatch(
      /^b\.yml:3:7: config\.phases\[0\]\.duration/,
    )
  })

  it('need each to be there', async () => {
    expect(await refusal(null, { 'a.yml': GOOD }, { paths: ['a.yml', 'none.yml'] })).toContain(
      'none.yml: cannot read the script',
    )
  })
})

describe('a config file', () => {
  it('goes over the script, and the processor is looked for beside it', async () => {
    const files = {
      'script.yml': SCENARIOS,
      'conf/config.yml': 'config:\n  target: http://127.0.0.1:1\n  processor: ./hooks.js\n',
    }
    const script = await read(null, files, { path: 'script.yml', config: 'conf/config.yml' })
    expect(script.target).toBe('http://127.0.0.1:1')
    expect(script.processor).toMatch(/conf\/hooks\.js$/)
  })
})

describe('--overrides', () => {
  it('replace what they name, lists whole', async () => {
    const overrides = JSON.stringify({ config: { phases: [{ duration: 5, arrivalRate: 1 }] } })
    const script = await read(good('    - duration: 60', '    - pause: 5\n    - duration: 60'), {}, { overrides })
    expect(rate(script)).toEqual([1])
  })

  it('come over the environment, and their own faults are theirs', async () => {
    const overrides = JSON.stringify({ config: { phases: [{ duration: 'never', arrivalRate: 1 }] } })
    expect(await refusal(GOOD, {}, { overrides })).toMatch(/^--overrides: config\.phases\[0\]\.duration: "never"/)
  })
})

describe('--variables', () => {
  it('come over those of the script, and fill templates in config', async () => {
    const text = good(
      'target: http://127.0.0.1:8080',
      'target: "http://{{ host }}:1"\n  variables: { a: 1, b: [1, 2] }',
    )
    const script = await read(text, {}, { variables: '{"host": "127.0.0.1", "b": 3}' })
    expect(script.target).toBe('http://127.0.0.1:1')
    expect(script.variables).toEqual({ a: 1, b: 3, host: '127.0.0.1' })
  })
})

describe('JSON flags', () => {
  it.each<[string, Reading]>([
    ['--overrides', { overrides: '{' }],
    ['--variables', { variables: '[1]' }],
  ])('%s that are no JSON object are a usage error', async (flag, options) => {
    const error: unknown = await read(GOOD, {}, options).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(SlsartError)
    expect((error as SlsartError).exit).toBe(2)
    expect((error as SlsartError).toText()).toContain(`${flag} must be a JSON object`)
  })
})

describe('--scenario-name', () => {
  const script = GOOD.slice(0, GOOD.indexOf('scenarios:')) + SCENARIOS
  const weights = async (scenarioName: string): Promise<number[]> =>
    (await read(script, {}, { scenarioName })).scenarios.map(({ weight }) => weight)

  it('runs the one of that name, or the one that an expression fits', async () => {
    expect(await weights('look')).toEqual([0, 1])
    expect(await weights('^b')).toEqual([1, 0])
  })

  it('is refused when it fits none or several', async () => {
    expect(await refusal(script, {}, { scenarioName: 'sell' })).toContain(
      'the script has no scenario "sell"\n  It has: buy, look.',
    )
    expect(await refusal(script, {}, { scenarioName: 'b|l' })).toContain('"b|l" fits several scenarios: buy, look')
    expect(await refusal(script, {}, { scenarioName: '(' })).toContain('the script has no scenario "("')
  })
})

describe('--insecure', () => {
  it('takes any certificate, and leaves the rest of tls', async () => {
    const text = good('  phases:', '  tls: { servername: a, rejectUnauthorized: true }\n  phases:')
    expect((await read(text, {}, { insecure: true })).config.tls).toEqual({
      servername: 'a',
      rejectUnauthorized: false,
    })
  })
})

describe('a script without phases', () => {
  it('has one virtual user, as with Artillery', async () => {
    const { phases } = await read(good('  phases:\n    - duration: 60\n      arrivalRate: 5\n', ''))
    expect(phases).toMatchObject([{ duration: 1, load: { kind: 'count', arrivals: 1 } }])
  })
})

describe('a script in TypeScript or JavaScript', () => {
  const ts = `import { host } from './host.ts'
enum Rate { Slow = 2 }
export const config = { target: host, phases: [{ duration: 1, arrivalRate: Rate.Slow }] }
export const scenarios = [{ flow: [{ get: { url: '/' } }] }]
`
  const host = "export const host: string = 'http://127.0.0.1:1'\n"

  it('is bundled with what it imports and taken as data', async () => {
    const script = await read(null, { 'script.ts': ts, 'host.ts': host }, { path: 'script.ts' })
    expect([script.target, rate(script)]).toEqual(['http://127.0.0.1:1', [2]])
  })

  it('may be CommonJS, or have a default export', async () => {
    const data = "{ config: { target: 'http://127.0.0.1:1' }, scenarios: [{ flow: [] }] }"
    expect((await read(null, { 'script.js': `module.exports = ${data}` }, { path: 'script.js' })).target).toContain(
      '127',
    )
    expect((await read(null, { 'script.mjs': `export default ${data}` }, { path: 'script.mjs' })).target).toContain(
      '127',
    )
  })

  it.each([
    ['that does not parse', 'export const config = {', /script\.ts:1:\d+: the script cannot be loaded: /],
    ['that throws', "throw new Error('no luck')", /^script\.ts: the script cannot be loaded: Error: no luck/],
    [
      'with a function in it',
      'export const config = { beforeRequest() {} }',
      /^script\.ts: "beforeRequest" is a function\n {2}Export it/,
    ],
    [
      'with a wrong value',
      "export const config = { target: 'http://a', phases: [{ duration: 'x' }] }\nexport const scenarios = [{ flow: [] }]",
      /^script\.ts: config\.phases/,
    ],
  ])('%s is refused with its place', async (_, text, message) => {
    expect(await refusal(null, { 'script.ts': text }, { path: 'script.ts' })).toMatch(message)
  })
})
