import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Choice, chooseEngines, type EngineName, enginesOf } from '../../../src/scenario/engine.ts'
import type { Script } from '../../../src/scenario/script.ts'
import { good, read } from './folder.ts'

type Parts = Partial<Pick<Script, 'target' | 'config' | 'extensions'>> & { spec?: object; flow?: unknown[] }

/** The engine of a script's one scenario. */
function choose({ spec, flow = [], ...parts }: Parts, env: Record<string, string> = {}): Choice {
  const script = { target: 'http://a.b', config: {}, extensions: [], ...parts }
  const scenarios = [{ spec: { engine: 'http', flow, ...spec } }]
  return chooseEngines({ ...script, scenarios }, 'auto', env)[0] as Choice
}
const get = (more: object): Parts => ({ flow: [{ get: { url: '/', ...more } }] })
const post = (more: object): Parts => ({ flow: [{ post: { url: '/', ...more } }] })

describe('ours runs', () => {
  const inside: [string, Parts][] = [
    ['a request', get({})],
    ['every method', { flow: ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'].map(of) }],
    [
      '`uri` for `url`, and whole addresses',
      { flow: [{ get: { uri: '/' } }, { get: { url: 'https://c.d/{{ x }}' } }] },
    ],
    ['bodies', { flow: [post({ json: { a: 1 } }), post({ json: [1] }), post({ body: '{{ b }}' })].flatMap(flowOf) }],
    ['forms', { flow: [post({ form: { a: 1 } }), post({ formData: { a: { value: 'b' } } })].flatMap(flowOf) }],
    ['query strings, headers, cookies and basic auth', get({ qs: { a: 1 }, headers: {}, cookie: {}, auth: {} })],
    [
      'captures of every kind',
      get({ capture: [{ json: '$.a', as: 'a' }, { xpath: '//b', as: 'b' }, { header: 'c' }] }),
    ],
    ['match and expect', get({ match: { json: '$.a', value: 1 }, expect: [{ statusCode: 200 }] })],
    ['conditions and chance', get({ ifTrue: 'a > 1', probability: 30 })],
    ['redirects that are not followed, and gzip', get({ followRedirect: false, gzip: false })],
    ['hooks', { ...get({ beforeRequest: 'a', afterResponse: ['b'] }), spec: { beforeScenario: 'c', onError: 'd' } }],
    ['think, log and functions', { flow: [{ think: 1 }, { log: 'a' }, { function: 'b' }] }],
    ['loops in loops', { flow: [{ loop: [{ loop: [{ get: { url: '/' } }], over: 'ids' }], count: 3 }] }],
    ['keys that are the author’s own', get({ name: 'a', comment: 'b', timeout: 5 })],
    [
      'pools, tracing, extended metrics, defaults and a timeout',
      {
        config: {
          http: { pool: '10', timeout: 5, distributedTracing: true, extendedMetrics: true, defaults: { headers: {} } },
          ...{ timeout: '3', defaults: { headers: {} } },
        },
      },
    ],
    [
      'plain TLS options',
      { config: { tls: { rejectUnauthorized: false, certificate: 'a', key: 'b', passphrase: 'c' } } },
    ],
    ['the bundled plugins', { config: { plugins: { expect: {}, apdex: {}, ensure: {}, 'fake-data': {} } } }],
    ['an engine from npm beside it', { extensions: [{ kind: 'engine', name: 'own', path: '/own' }] }],
    ['whole addresses of http beside a target of WebSocket', { ...get({ url: 'http://a.b' }), target: 'ws://a.b' }],
    ['a flow of nothing', {}],
  ]
  it.each(inside)('%s', (_what, parts) => {
    expect(choose(parts)).toEqual({ engine: 'native', reason: { kind: 'proven' } })
  })
  it('where a proxy’s variable is set to nothing', () => {
    expect(choose({}, { HTTP_PROXY: '', http_proxy: 'http://p' }).engine).toBe('native')
  })
})

const of = (method: string): object => ({ [method]: { url: '/' } })
const flowOf = ({ flow = [] }: Parts): unknown[] => flow

describe('Artillery’s runs, and the reason tells where it stands,', () => {
  const at = ['scenarios', 0, 'flow', 0]
  const option = (...path: (string | number)[]): object => ({ kind: 'option', path: [...at, ...path] })
  const value = (shape: string, ...path: (string | number)[]): object => ({
    kind: 'value',
    path: [...at, ...path],
    shape,
  })
  const extensions: Script['extensions'] = [{ kind: 'plugin', name: 'own', path: '/own' }]
  const outsideSet: [string, Parts, object][] = [
    [
      'scenarios of other engines',
      { spec: { engine: 'ws' } },
      { kind: 'engine', name: 'ws', path: at.slice(0, 2).concat('engine') },
    ],
    ['plugins from npm', { extensions }, { kind: 'plugin', name: 'own', path: ['config', 'plugins', 'own'] }],
    [
      'a header that leads the connection',
      { flow: [{ get: { url: '/', headers: { Connection: 'close' } } }] },
      option('get', 'headers', 'Connection'),
    ],
    ['a request with two bodies', { flow: [{ post: { url: '/', json: {}, form: {} } }] }, option('post', 'form')],
    [
      'something outside in `parallel` in a loop',
      { flow: [{ loop: [{ parallel: [{ get: { url: '/', http2: true } }] }] }] },
      option('loop', 0, 'parallel', 0, 'get', 'http2'),
    ],
    [
      'a step whose first key is not its method',
      { flow: [{ comment: 'a', get: { url: '/' } }] },
      { kind: 'order', path: [...at, 'get'] },
    ],
    ['files in forms', post({ formData: { a: { fromFile: 'b' } } }), option('post', 'formData', 'a', 'fromFile')],
    ['a length of one’s own', post({ setContentLengthHeader: true }), option('post', 'setContentLengthHeader')],
    ['HTTP/2', get({ http2: true }), option('get', 'http2')],
    ['options of got', get({ maxRedirects: 2 }), option('get', 'maxRedirects')],
    ['json that is a template', post({ json: '{{ a }}' }), value('map or list', 'post', 'json')],
    ['json that is nothing', post({ json: null }), value('map or list', 'post', 'json')],
    ['a body that is no text', post({ body: { a: 1 } }), value('text', 'post', 'body')],
    ['a form that is a template', post({ form: '{{ a }}' }), value('map', 'post', 'form')],
    ['headers in a list', get({ headers: ['a'] }), value('map', 'get', 'headers')],
    ['an address that is a number', { flow: [{ get: { url: 5 } }] }, value('text', 'get', 'url')],
    ['a redirect that is neither', get({ followRedirect: 'no' }), value('flag', 'get', 'followRedirect')],
    [
      'TLS options beyond',
      { config: { tls: { ciphers: 'a' } } },
      { kind: 'option', path: ['config', 'tls', 'ciphers'] },
    ],
    [
      'a certificate that is no text',
      { config: { tls: { certificate: ['a'] } } },
      { kind: 'value', path: ['config', 'tls', 'certificate'], shape: 'text' },
    ],
    [
      'a cookie jar of one’s own',
      { config: { http: { cookieJarOptions: { looseMode: true } } } },
      { kind: 'option', path: ['config', 'http', 'cookieJarOptions'] },
    ],
    [
      'a timeout that is no number',
      { config: { http: { timeout: '{{ t }}' } } },
      { kind: 'value', path: ['config', 'http', 'timeout'], shape: 'number' },
    ],
    [
      'paths below a target of WebSocket',
      { ...get({}), target: 'ws://a.b' },
      { kind: 'target', path: ['config', 'target'] },
    ],
  ]
  it.each(outsideSet)('%s', (_what, parts, reason) => {
    expect(choose(parts)).toEqual({ engine: 'artillery', reason })
  })
  it.each(['HTTP_PROXY', 'HTTPS_PROXY'])('%s in the environment', (variable) => {
    expect(choose({}, { [variable]: 'http://p' }).reason).toEqual({ kind: 'proxy', variable })
  })
  it('where it is asked for', () => {
    const scenarios = [{ spec: { engine: 'http', flow: [] } }, { spec: { engine: 'ws', flow: [] } }]
    const script = { target: 'http://a.b', config: {}, extensions: [], scenarios }
    const asked = { engine: 'artillery', reason: { kind: 'asked' } }
    expect(chooseEngines(script, 'artillery', {})).toEqual([asked, asked])
  })
})

const used: [string, [number, EngineName][]][] = [
  [
    'artillery',
    [
      [1, 'artillery'],
      [0, 'native'],
    ],
  ],
  [
    'native',
    [
      [1, 'native'],
      [0, 'artillery'],
      [2, 'native'],
    ],
  ],
  [
    'both',
    [
      [1, 'native'],
      [1, 'artillery'],
    ],
  ],
]
it.each(used)('a run uses %s', (engines, scenarios) => {
  expect(enginesOf(scenarios.map(([weight, engine]) => ({ weight, engine })))).toBe(engines)
})

it('every option that Artillery hands to got is known to be inside the set or outside it', () => {
  const source = readFileSync(
    join(import.meta.dirname, '../../../node_modules/artillery/dist/lib/core/engine_http.js'),
    'utf8',
  )
  const names = [...(/GOT_OPTION_NAMES = \[([^\]]*)\]/.exec(source)?.[1]?.matchAll(/'(\w+)'/g) ?? [])].map(
    ([, name]) => name,
  )
  expect(names.length).toBeGreaterThan(15)
  // Artillery overwrites the one that is not looked at.
  const free = names.filter((name) => choose(post({ [name as string]: Symbol('no value at all') })).engine === 'native')
  expect(free).toEqual(['timeout'])
})

it('a script that is read says of each scenario where the reason stands', async () => {
  const script = await read(
    `${good('url: /', 'url: /, http2: true')}  - name: plain\n    flow: [{ get: { url: / } }]\n`,
    {},
    { engine: 'auto' },
  )
  expect(script.scenarios).toMatchObject([
    { engine: 'artillery', why: { kind: 'option', at: { file: 'script.yml', line: 8, column: 24 } } },
    { engine: 'native', why: { kind: 'proven', at: { file: 'script.yml', line: 9 } } },
  ])
})
