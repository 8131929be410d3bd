/** What the native engine does where Artillery's would send what it must not, wait for ever or end the worker: test/fuzz/flows does not compare that. */
import { beforeAll, expect, test } from 'vitest'
import type { engineFor } from '../../lambda/engines/load.ts'
import type { Behaviour, Case } from '../fuzz/flows/case.ts'
import { bundledEngines } from '../fuzz/flows/engines.ts'
import { type Outcome, outside, runCase } from '../fuzz/flows/run.ts'

let engineOf: typeof engineFor

beforeAll(async () => {
  engineOf = await bundledEngines()
})

type Given = { flow: unknown[]; hooks?: object; variables?: Record<string, unknown>; answers?: Behaviour[] }

async function ran({ flow, hooks = {}, variables = {}, answers = [] }: Given): Promise<Outcome> {
  const plan: Case = {
    ...{ seed: 1, users: 1, together: false, config: { http: { timeout: 1 } }, variables },
    ...{ scenario: { engine: 'http', flow, ...hooks }, answers: [answers] },
  }
  expect(outside(plan)).toBeNull()
  const outcome = await runCase(plan, 'native', engineOf)
  expect(outcome).toMatchObject({ crash: null, hung: [] })
  return outcome
}

const get = (more: object = {}): object => ({ get: { url: '/items', ...more } })

test.each(['a\r\nx-injected: 1', 'a\nb', 'a\rb', '\0', '\u0001', '\u{1f600}'])(
  'a header with %j in a value is not sent',
  async (evil) => {
    const { requests, table } = await ran({
      flow: [get({ headers: { 'x-own': 'of {{ evil }}' } }), get()],
      variables: { evil },
    })
    expect(requests).toBe(0)
    expect(table.get('counter artillery:errors.ERR_INVALID_CHAR')).toBe('1')
  },
)

test.each(['/x/{{ evil }}', '/{{ evil }}?a={{ evil }}'])(
  'line breaks in a value do not leave the URL %s',
  async (url) => {
    const { table } = await ran({ flow: [get({ url })], variables: { evil: 'a HTTP/1.1\r\nx-injected: 1\r\n\r\n' } })
    expect(table.get('user 0 request 0')).toMatch(/^GET \/[^ \n]* HTTP\/1\.1\nConnection/)
    expect(table.has('user 0 request 1')).toBe(false)
  },
)

test('a cookie, credentials, a query and a form cannot end their header either', async () => {
  const evil = 'a\r\nx-injected: 1'
  const value = '{{ evil }}'
  const request = {
    url: '/items',
    cookie: { c: value },
    auth: { user: value, pass: value },
    qs: { q: value },
    form: { f: value },
  }
  const { table } = await ran({ flow: [{ post: request }], variables: { evil } })
  expect([...table.values()].join('\n')).not.toMatch(/^x-injected/m)
})

test.each(['{{ word }} {{ word }}', '$& $&', "{{ word }}$`$'{{ word }}"])(
  'the value %s, which is filled in without end, fails its virtual user only',
  async (word) => {
    const { requests, table } = await ran({ flow: [get({ url: '/x/{{ word }}' })], variables: { word } })
    expect(requests).toBe(0)
    expect([...table.keys()].join('\n')).toMatch(/^counter artillery:errors\.A template without end/m)
  },
)

test.each(['asyncBody', 'changeUrl'])(
  'what a hook throws behind %s, which answers later, fails its virtual user only',
  async (first) => {
    const { table } = await ran({
      flow: [{ post: { url: '/items' } }],
      hooks: { beforeRequest: [first, 'throwsBefore'] },
    })
    expect(table.get('counter artillery:errors.before threw')).toBe('1')
  },
)

test.each([302, 304])('a %i that leads nowhere ends its step', async (status) => {
  const { requests, table } = await ran({ flow: [get(), get()], answers: [{ status }] })
  expect([requests, table.get('user 0 end')]).toEqual([2, 'completed'])
})

test('a body that is not what its encoding says fails its virtual user, if somebody reads it', async () => {
  const answers: Behaviour[] = [{ coding: 'corrupt' }, { coding: 'corrupt' }]
  const { requests, table } = await ran({ flow: [get(), get({ capture: { json: '$.id', as: 'id' } }), get()], answers })
  expect(requests).toBe(2)
  expect(table.get('counter artillery:errors.Z_DATA_ERROR')).toBe('1')
})

test('a cookie that the jar refuses is counted and left out', async () => {
  const headers = ['Set-Cookie: a=1', 'Set-Cookie: b=2; Domain=elsewhere.example']
  const { table } = await ran({ flow: [get(), get(), get()], answers: [{ headers }, { headers }] })
  expect(table.get('user 0 request 2')).toContain('\ncookie: a=1\n')
  expect(table.get('counter artillery:errors.cookie_parse_error_invalid_cookie')).toBe('2')
})

test.each([
  ['badMethod', 'ERR_INVALID_HTTP_TOKEN'],
  ['wantsHttp2', 'ERR_HTTP2_NOT_NATIVE'],
])('what the hook %s asks for is counted as %s and not sent', async (hook, code) => {
  const { requests, table } = await ran({ flow: [get({ beforeRequest: hook })] })
  expect(requests).toBe(0)
  expect(table.get(`counter artillery:errors.${code}`)).toBe('1')
})
