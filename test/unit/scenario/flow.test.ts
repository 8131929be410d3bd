import { describe, expect, it } from 'vitest'
import { good, read, refusal } from './folder.ts'

/** One step in flow style, on line 8. */
const script = (step: string): string => good('      - get: { url: / }\n', `      - ${step}\n`)

describe('a step', () => {
  it.each([
    'get: { url: / }',
    'post: { uri: /, json: { a: 1 } }',
    'head: { url: "{{ page }}" }',
    'think: 2',
    'think: 500ms',
    'think: "{{ pause }}"',
    'function: prepare',
    'log: hello',
    '{ loop: [{ get: { url: / } }, { think: 1 }], count: 3 }',
    '{ loop: [{ get: { url: / } }], over: items }',
    '{ parallel: [{ get: { url: /a } }, { get: { url: /b } }] }',
    '{ get: { url: / }, ifTrue: "x > 1" }',
  ])('%s is read', async (step) => {
    expect((await read(script(step))).scenarios).toHaveLength(1)
  })

  it.each([
    ['gett: { url: / }', 'unknown key "gett" in scenarios[0].flow[0]\n  Did you mean "get"? Allowed: get, post'],
    ['fly: { url: / }', 'unknown key "fly" in scenarios[0].flow[0]\n  Allowed: get, post'],
    ['just a text', 'scenarios[0].flow[0]: a step is a map with one action'],
    ['get: /', 'scenarios[0].flow[0]: `get` needs a `url`'],
    ['get: { json: {} }', 'scenarios[0].flow[0]: `get` needs a `url`'],
    ['{ think: 1, jitter: some }', 'scenarios[0].flow[0]: jitter "some" is neither milliseconds nor a percentage'],
    ['think: a while', 'scenarios[0].flow[0]: think time "a while" is not a duration\n  For example: 2, 500ms'],
    ['loop: { get: { url: / } }', 'scenarios[0].flow[0]: `loop` must be a list of steps'],
    ['loop: [{ get: { url: / } }, { gte: { url: / } }]', 'unknown key "gte" in scenarios[0].flow[0].loop[1]'],
    ['parallel: [{ loop: [{ get: {} }] }]', 'scenarios[0].flow[0].parallel[0].loop[0]: `get` needs a `url`'],
  ])('%s is refused, with its place', async (step, message) => {
    const told = await refusal(script(step))
    expect(told).toContain(message)
    expect(told).toMatch(/^script\.yml:8:\d+: /)
  })
})

describe('a list inside a flow', () => {
  it('as an anchor brings it, becomes steps of the flow', async () => {
    const steps = '      - &two\n        - get: { url: /a }\n        - get: { url: /b }\n      - *two\n'
    const { scenarios } = await read(good('      - get: { url: / }\n', steps))
    expect(scenarios[0]?.spec.flow).toHaveLength(4)
  })
})
