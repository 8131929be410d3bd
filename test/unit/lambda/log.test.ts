import { Console } from 'node:console'
import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { logTo, prefixed, takeConsole } from '../../../lambda/log.ts'
import { logPrefix, prefixIn } from '../../../src/wire/loglines.ts'

const of = { run: '20261122-071500-1a2b3c', slice: 7, attempt: 2 }
const prefix = logPrefix(of)

it('says on each line of which run, slice and attempt it is', () => {
  const lines: string[] = []
  const log = logTo(prefixed(prefix, (text) => lines.push(text)))
  log('found %d of', 3, { many: true })
  log('two\nlines')
  expect(lines).toEqual([
    '[slsart 20261122-071500-1a2b3c 7-2] found 3 of { many: true }\n',
    '[slsart 20261122-071500-1a2b3c 7-2] two\n[slsart 20261122-071500-1a2b3c 7-2] lines\n',
  ])
})

it.each([7, -1])('is read again as whose it is: slice %d', (slice) => {
  expect(prefixIn(`${logPrefix({ ...of, slice })}[a] line`)).toEqual({ ...of, slice, text: '[a] line' })
})

it('has all that the console is told, until it is given back', () => {
  const before = new PassThrough()
  const console = new Console(before)
  const patched = (): void => {}
  console.debug = patched
  const lines: string[] = []
  const giveBack = takeConsole(console, (text) => lines.push(text))
  console.log('a %s', 'b')
  console.error(new Error('broken').message)
  console.debug('debugged')
  console.group('in')
  console.info('deeper')
  console.groupEnd()
  expect(lines).toEqual(['a b\n', 'broken\n', 'debugged\n', 'in\n', '  deeper\n'])
  giveBack()
  console.log('as before')
  expect(console.debug).toBe(patched)
  expect(lines).toHaveLength(5)
  expect(String(before.read())).toBe('as before\n')
})
