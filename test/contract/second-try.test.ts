import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { workFolder } from '../support/cli.ts'

const root = join(import.meta.dirname, '../..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const config = `
import { SecondTries } from '${join(root, 'test/support/second-try.ts')}'
export default { test: { globals: true, retry: 1, reporters: [new SecondTries('tries.txt')] } }
`
const tests = `
let tries = 0
describe('a clock', () => it('is late once', () => expect(++tries, 'the first\\nis late').toBe(2)))
it('is right at once', () => {})
it('is never right', () => expect(1).toBe(2))
`

it("names what only a second try has passed, and why the first did not, in vitest's own words", async () => {
  const folder = workFolder({ 'vitest.config.mjs': config, 'some.test.js': tests })
  const { CI: _ci, VITEST: _vitest, ...env } = process.env
  const ended = await promisify(execFile)(process.execPath, [vitest, 'run'], { cwd: folder, env }).catch(
    ({ code }: { code: number }) => code,
  )
  expect(ended).toBe(1)
  expect(readFileSync(join(folder, 'tries.txt'), 'utf8')).toBe(
    '::: SECOND TRY: some.test.js: a clock > is late once\n    the first\n',
  )
})
