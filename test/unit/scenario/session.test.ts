import { describe, expect, it } from 'vitest'
import { sessionOf } from '../../../src/scenario/session.ts'
import { GOOD, read } from './folder.ts'

const session = async (flow: string, config = '') =>
  sessionOf(
    await read(GOOD.replace('get: { url: / }', '__').replace('- __', flow).replace('  phases:', `${config}  phases:`)),
  )

const get = '{ get: { url: / } }'

describe('a virtual user is expected', () => {
  it.each([
    [
      'to send what is written',
      `- get: { url: / }\n      - post: { url: / }`,
      { requests: 2, thinking: 0, guessed: false },
    ],
    ['to think for as long as is written', '- think: 2\n      - think: 500ms', { requests: 0, thinking: 2.5 }],
    ['to loop as often as is written', `- { loop: [${get}, { think: 1 }], count: 5 }`, { requests: 5, thinking: 5 }],
    ['to loop over a range', `- { loop: [${get}], count: "2-6" }`, { requests: 4 }],
    ['to loop over a list', `- { loop: [${get}], over: [a, b, c] }`, { requests: 3 }],
    ['to loop inside loops', `- { loop: [{ loop: [${get}], count: 3 }], count: 4 }`, { requests: 12 }],
    [
      'to loop once where only running could tell, and that is a guess',
      `- { loop: [${get}], whileTrue: more }`,
      { requests: 1, guessed: true },
    ],
    ['to send an unlikely request as often as it is likely', '- get: { url: /, probability: 25 }', { requests: 0.25 }],
    ['to send all of a parallel step', `- parallel: [${get}, ${get}]`, { requests: 2 }],
    ['to run functions and logs for nothing', '- function: a\n      - log: b', { requests: 0, thinking: 0 }],
  ])('%s', async (_, flow, expected) => {
    expect(await session(flow)).toMatchObject(expected)
  })

  it('to take at most its think times and then a timeout', async () => {
    expect((await session('- think: 30\n      - think: 90')).longest).toBe(130)
    expect((await session('- think: 30', '  timeout: 3\n')).longest).toBe(33)
    expect((await session('- think: 30', '  http: { timeout: 60 }\n')).longest).toBe(90)
  })

  it('to be the mean of the scenarios by weight', async () => {
    const two = `${GOOD.replace('  - flow:', '  - weight: 3\n    flow:')}  - weight: 1\n    flow: [{ think: 8 }]\n`
    expect(sessionOf(await read(two))).toMatchObject({ requests: 0.75, thinking: 2 })
    const kinds = [
      { engine: 'native', share: 0.75, requests: 1 },
      { engine: 'native', share: 0.25, requests: 0 },
    ]
    expect(sessionOf(await read(two)).kinds).toEqual(kinds)
  })
})
