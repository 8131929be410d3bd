import { expect, test } from 'vitest'
import { compatibility, withTable } from '../../scripts/compatibility.ts'
import { published, reportJsonSchema } from '../../scripts/schemas.ts'

test('the compatibility table is that of the suite (npm run docs writes it)', () => {
  expect(compatibility()).toBe(withTable(compatibility()))
})

test('the published JSON Schema is that of the report (npm run docs writes it)', () => {
  expect(published()).toBe(reportJsonSchema())
})
