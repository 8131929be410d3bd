/** The JSON Schemas that the package publishes, from the shapes that the code itself is held to. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { reportSchema } from '../src/report/schema.ts'

const folder = join(import.meta.dirname, '../schemas')
const file = join(folder, 'slsart.report-1.json')

export const reportJsonSchema = (): string =>
  `${JSON.stringify({ title: 'slsart.report/1', ...z.toJSONSchema(reportSchema, { reused: 'ref' }) }, null, 2)}\n`

export const published = (): string => readFileSync(file, 'utf8')

if (import.meta.main) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, reportJsonSchema())
}
