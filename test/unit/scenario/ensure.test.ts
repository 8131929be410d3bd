import { describe, expect, it } from 'vitest'
import { good, read, refusal } from './folder.ts'

const script = (lines: string): string => good('  phases:', `${lines}  phases:`)
const said = async (lines: string): Promise<string[]> =>
  (await read(script(lines))).thresholds.map(({ said, strict }) => (strict ? said : `${said}?`))

describe('ensure', () => {
  it.each([
    [
      'its thresholds',
      '  ensure: { thresholds: [{ http.response_time.p99: 250 }, { vusers.failed: 1 }] }\n',
      ['http.response_time.p99 < 250', 'vusers.failed < 1'],
    ],
    [
      'its conditions',
      '  plugins: { ensure: { conditions: [{ expression: "a.b > 1" }, { expression: c == 2, strict: false }] } }\n',
      ['a.b > 1', 'c == 2?'],
    ],
    [
      'its old form',
      '  ensure: { p95: 200, maxErrorRate: 1 }\n',
      ['http.response_time.p95 < 200', 'maxErrorRate <= 1'],
    ],
    ['nothing', '', []],
  ])('is read: %s', async (_, lines, expected) => {
    expect(await said(lines)).toEqual(expected)
  })

  it.each([
    [
      '  ensure: { conditions: [{ expression: "a.b >" }] }\n',
      /^script\.yml:3:3: config\.ensure: "a\.b >" cannot be judged/,
    ],
    ['  ensure: { tresholds: [] }\n', /config\.ensure: Unrecognized key: "tresholds"/],
    ['  plugins: { ensure: { thresholds: [{ a: fast }] } }\n', /config\.plugins\.ensure\.thresholds\[0\]\.a/],
  ])('is refused: %s', async (lines, message) => {
    expect(await refusal(script(lines))).toMatch(message)
  })
})
