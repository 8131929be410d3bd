import { expect, test } from 'vitest'
import { compatibility, withTable } from '../../scripts/compatibility.ts'
import { keysPage } from '../../scripts/keys.ts'
import { permissionsMarkdown, permissionsPage } from '../../scripts/permissions.ts'
import { dashboardPicture, dashboardSvg } from '../../scripts/pictures.ts'
import { published, reportJsonSchema } from '../../scripts/schemas.ts'
import { keysMarkdown } from '../../src/dashboard/keys.ts'

test('the compatibility table is that of the suite (npm run docs writes it)', async () => {
  expect(compatibility()).toBe(await withTable(compatibility()))
})

test('the published JSON Schema is that of the report (npm run docs writes it)', () => {
  expect(published()).toBe(reportJsonSchema())
})

test("the page of the dashboard's keys is that of the key table (npm run docs writes it)", () => {
  expect(keysPage()).toBe(keysMarkdown())
})

test('the page of permissions is that of the policies (npm run docs writes it)', () => {
  expect(permissionsPage()).toBe(permissionsMarkdown())
})

test('the picture of the dashboard is how it is drawn (npm run pictures writes it)', () => {
  expect(dashboardPicture()).toBe(dashboardSvg())
})
