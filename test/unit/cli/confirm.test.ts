import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { confirmed } from '../../../src/cli/confirm.ts'
import type { Terminal } from '../../../src/world.ts'

function terminal(): { given: Terminal; input: PassThrough; shown(): string } {
  const [input, output] = [new PassThrough(), new PassThrough()]
  return { given: { input, output } as unknown as Terminal, input, shown: () => String(output.read() ?? '') }
}

test.each([
  ['y\n', true],
  ['Yes\n', true],
  ['\n', false],
  ['n\n', false],
  ['yellow\n', false],
])('%j is %s', async (answer, yes) => {
  const { given, input, shown } = terminal()
  const asked = confirmed('Remove it? ', given)
  input.write(answer)
  expect(await asked).toBe(yes)
  expect(shown()).toContain('Remove it? ')
})

test('the end of the input is no', async () => {
  const { given, input } = terminal()
  const asked = confirmed('Remove it? ', given)
  input.end()
  expect(await asked).toBe(false)
})
