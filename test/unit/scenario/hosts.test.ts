import { describe, expect, it } from 'vitest'
import { GOOD, good, read, refusal } from './folder.ts'

const flow = (steps: string): string => good('flow:\n      - get: { url: / }', `flow:\n${steps}`)
const hostsOf = async (script: string, more: Parameters<typeof read>[2] = {}): Promise<string[]> =>
  (await read(script, {}, more)).hosts.map(({ host, at }) => `${host} ${at.file}:${at.line}`)

describe('a script names', () => {
  it('its target', async () => expect(await hostsOf(GOOD)).toEqual(['127.0.0.1 script.yml:2']))

  it('the target that is given, or that of its environment, instead of its own', async () => {
    const target = 'https://given.example'
    expect(await hostsOf(GOOD, { target })).toEqual(['given.example --target:undefined'])
    const script = good('  phases:', '  environments:\n    dev: { target: http://dev.example }\n  phases:')
    expect(await hostsOf(script, { environment: 'dev' })).toEqual(['dev.example script.yml:4'])
  })

  it('whole addresses in its flows, also in loops, with the place of each', async () => {
    const steps = [
      '      - get: { url: "http://a.example/{{ x }}" }',
      '      - post: { uri: "https://B.example:8443" }',
      '      - loop:',
      '          - get: { url: /here }',
      '          - parallel: [{ get: { url: "http://2852039166/" } }]',
      '        count: 2',
      '      - get: { url: "http://a.example/again" }',
    ]
    expect(await hostsOf(flow(steps.join('\n')))).toEqual([
      ...[
        '127.0.0.1 script.yml:2',
        'a.example script.yml:8',
        'b.example script.yml:9',
        '169.254.169.254 script.yml:12',
      ],
    ])
  })

  it('where its WebSockets go, and their proxy', async () => {
    const script = GOOD.replace('  phases:', '  ws: { proxy: { url: "http://proxy.example:1" } }\n  phases:').replace(
      /- flow:[\s\S]*$/,
      '- engine: ws\n    flow: [{ connect: "ws://one.example/x" }]\n  - engine: ws\n    flow: [{ connect: { target: "wss://two.example" } }]\n',
    )
    expect((await hostsOf(script)).map((text) => text.split(' ')[0])).toEqual([
      ...['127.0.0.1', 'proxy.example', 'one.example', 'two.example'],
    ])
  })

  it('those of its hooks', async () => {
    const hooks = 'before: { flow: [{ post: { url: "https://auth.example/token" } }] }\n'
    expect(await hostsOf(`${GOOD}${hooks}`)).toEqual(['127.0.0.1 script.yml:2', 'auth.example script.yml:9'])
  })

  it('what its own variables fill in, and nothing that only a virtual user knows', async () => {
    const script = flow('      - get: { url: "{{ base }}/x" }\n      - get: { url: "http://{{ host }}/" }').replace(
      '  phases:',
      '  variables: { base: "http://base.example", host: [a.example, b.example] }\n  phases:',
    )
    expect((await hostsOf(script)).map((text) => text.split(' ')[0])).toEqual(['127.0.0.1', 'base.example'])
  })

  it('nothing in scenarios that are not run', async () => {
    const script = `${GOOD}  - name: other\n    weight: 0\n    flow: [{ get: { url: "http://other.example/" } }]\n`
    expect(await hostsOf(script)).toHaveLength(1)
    expect(await hostsOf(script, { scenarioName: 'other' })).toHaveLength(2)
  })
})

describe('a script lists', () => {
  it('hosts, as URLs have them', async () => {
    const { allow } = await read(
      good('  phases:', '  slsart: { allow: [API.Example.com, "*.b.example", "2001:DB8::1"] }\n  phases:'),
    )
    expect(allow).toEqual(['api.example.com', '*.b.example', '2001:db8::1'])
  })

  it.each([
    ['"*"', 'script.yml:3:21: config.slsart.allow[0]: "*" is not a host\n  For example: api.example.com'],
    ['http://a.example', 'config.slsart.allow[0]: "http://a.example" is not a host'],
    [
      '"2852039166"',
      "config.slsart.allow[0]: 2852039166 is a cloud's metadata service or link-local\n  No load is ever",
    ],
  ])('nothing like %s', async (entry, message) => {
    expect(await refusal(good('  phases:', `  slsart: { allow: [${entry}] }\n  phases:`))).toContain(message)
  })
})
