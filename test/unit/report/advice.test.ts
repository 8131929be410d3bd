import { expect, it } from 'vitest'
import { aimText, errorsAdvice } from '../../../src/report/advice.ts'

it('errors of refused connections are told what allows them, each once, also where the code is in a text', () => {
  const text = 'connect SLSART_TARGET a.example (203.0.113.1): not an allowed target (--allow a.example)'
  expect(errorsAdvice(['SLSART_TARGET', text, 'ECONNREFUSED'])).toEqual([
    expect.stringContaining('--allow HOST lists one'),
  ])
  expect(errorsAdvice(['SLSART_METADATA'])).toEqual([expect.stringContaining('Workers never connect to them')])
  expect(errorsAdvice(['ETIMEDOUT'])).toEqual([])
})

it('who is asked sees each host, where it leads and where it stands', () => {
  const at = { file: 'script.yml', line: 7, column: 16 }
  const asked = aimText([
    { host: 'a.example', at, why: 'unlisted', addresses: ['203.0.113.1', '2001:db8::1'] },
    { host: 'b.example', at: { file: '--target' }, why: 'unlisted', addresses: [] },
  ])
  expect(asked).toContain('script.yml:7:16: a.example (203.0.113.1, 2001:db8::1)\n--target: b.example\n')
  expect(asked).toMatch(/\[y\/N\] $/)
})
