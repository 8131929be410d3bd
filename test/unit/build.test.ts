/** What `npm run build` goes by. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { isNewer } from '../../scripts/build.ts'

let at: (name: string) => string
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'slsart-build-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  at = (name) => join(folder, name)
  mkdirSync(at('src/deep'), { recursive: true })
  for (const name of ['src/one.ts', 'src/deep/two.ts', 'list.json', 'built']) writeFileSync(at(name), '')
  for (const name of ['src/one.ts', 'src/deep/two.ts', 'src/deep', 'src', 'list.json'])
    utimesSync(at(name), 1_000, 1_000)
  utimesSync(at('built'), 2_000, 2_000)
})
const built = (): boolean => isNewer(at('built'), [at('src'), at('list.json')])

it('a build is new while nothing has changed since it began', () => expect(built()).toBe(true))

it.each<[string, () => void]>([
  ['a file is changed', () => writeFileSync(at('src/deep/two.ts'), 'more')],
  ['a file is changed in the moment it begins', () => utimesSync(at('list.json'), 2_000, 2_000)],
  ['a file is added', () => writeFileSync(at('src/deep/three.ts'), '')],
  ['a file is taken away', () => rmSync(at('src/deep/two.ts'))],
  ['a file gets another name', () => renameSync(at('src/one.ts'), at('src/first.ts'))],
  ['there is none', () => rmSync(at('built'))],
])('it is not when %s', (_what, change) => {
  change()
  expect(built()).toBe(false)
})
