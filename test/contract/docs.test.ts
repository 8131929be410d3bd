import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compatibility, withTable } from '../../scripts/compatibility.ts'
import { keysPage } from '../../scripts/keys.ts'
import { published, reportJsonSchema } from '../../scripts/schemas.ts'
import { keysMarkdown } from '../../src/dashboard/keys.ts'

test('the compatibility table is that of the suite (npm run docs writes it)', () => {
  expect(compatibility()).toBe(withTable(compatibility()))
})

test('the published JSON Schema is that of the report (npm run docs writes it)', () => {
  expect(published()).toBe(reportJsonSchema())
})

test("the page of the dashboard's keys is that of the key table (npm run docs writes it)", () => {
  expect(keysPage()).toBe(keysMarkdown())
})

test("the README's picture is a screen as it is drawn (test/fixtures/dashboard/overview-116x32.txt)", () => {
  const root = join(import.meta.dirname, '../..')
  const picture = readFileSync(join(root, 'test/fixtures/dashboard/overview-116x32.txt'), 'utf8')
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`\`\`\`\n${picture}\`\`\``)
})
