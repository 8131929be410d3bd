import { expect, test } from 'vitest'
import { compatibility, withTable } from '../../scripts/compatibility.ts'

test('the compatibility table is that of the suite (npm run docs writes it)', () => {
  expect(compatibility()).toBe(withTable(compatibility()))
})
