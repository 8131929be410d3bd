/** docs/keys.md, from the dashboard's key table. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keysMarkdown } from '../src/dashboard/keys.ts'

const file = join(import.meta.dirname, '../docs/keys.md')

export const keysPage = (): string => readFileSync(file, 'utf8')

if (import.meta.main) writeFileSync(file, keysMarkdown())
