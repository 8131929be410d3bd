/** What travels with a run, named and cut as it travels. */
import { createHash } from 'node:crypto'
import { relative } from 'node:path'
import { expect, it } from 'vitest'
import { packScript } from '../../../src/scenario/pack.ts'
import type { Part } from '../../../src/wire/start.ts'
import { GOOD, good, read } from './folder.ts'

const FULL = good(
  '  phases:',
  '  processor: ./load/hooks.ts\n  payload: { path: users.csv, fields: [name] }\n  includeFiles: [load/words.txt]\n  phases:',
)
const files = {
  'package.json': '{}',
  'load/hooks.ts': 'export const place: string = import.meta.dirname\nexport const a: number = 1\n',
  'load/words.txt': 'words',
  'users.csv': 'ada\nbo\n',
}
const LIMIT = 2 ** 20

const all = ({ processor, extensions, rows, files: beside }: Awaited<ReturnType<typeof packScript>>['parts']): Part[] =>
  [processor ?? [], extensions, rows, beside].flat()

it('is a file for the store each, named by its hash, when it is together more than may ride in the event', async () => {
  const { parts, files: kept } = await packScript(await read(FULL, files), 0)
  expect(all(parts).map(({ inline }) => inline)).toEqual([null, null, null])
  expect(kept.map(({ key }) => key)).toEqual(all(parts).map(({ key }) => key))
  for (const { key, bytes } of kept) expect(key).toContain(createHash('sha256').update(bytes).digest('hex'))
  expect(parts.files).toMatchObject([{ path: 'load/words.txt', key: expect.stringMatching(/\.txt$/) }])
})

it('rides in the event when it is small enough, to the byte', async () => {
  const script = await read(FULL, files)
  const apart = await packScript(script, 0)
  const size = apart.files.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const { parts, files: kept } = await packScript(script, size)
  expect(kept).toEqual([])
  const bytesOf = ({ key }: Part): string =>
    Buffer.from(apart.files.find((file) => file.key === key)?.bytes ?? '').toString('base64')
  for (const part of all(parts)) expect(part.inline).toBe(bytesOf(part))
  expect((await packScript(script, size - 1)).files).toHaveLength(3)
})

it('is nothing for a script without code and data', async () => {
  const none = { processor: null, extensions: [], rows: [], files: [] }
  expect(await packScript(await read(GOOD), LIMIT)).toEqual({ parts: none, files: [] })
})

it('names no folder of this machine in its code: only the source map says where the lines are', async () => {
  const script = await read(FULL, files)
  const { files: kept } = await packScript(script, 0)
  const [code = '', map = ''] = Buffer.from(kept[0]?.bytes ?? '')
    .toString()
    .split('//# sourceMappingURL=data:application/json;base64,')
  expect(code).toContain('"load/hooks.ts"')
  expect(code).not.toContain(script.source.folder)
  const { sourceRoot, sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as Record<string, unknown>
  expect([sourceRoot, sources]).toEqual([`file://${script.source.folder}/load/`, ['hooks.ts']])
})

it('has a root that also holds what the script may name outside its project', async () => {
  const script = await read(
    null,
    {
      ...files,
      'project/script.yml': good('  phases:', '  includeFiles: [../load/words.txt]\n  phases:'),
      'project/package.json': '{}',
    },
    { path: 'project/script.yml', outside: true },
  )
  expect(relative(script.source.root, script.source.folder)).toBe('project')
  const { parts } = await packScript(script, LIMIT)
  expect(parts.files).toMatchObject([{ path: 'load/words.txt' }])
})

it('has native code beside it that its code loads, by the place that it has in the project', async () => {
  const script = await read(FULL, {
    ...files,
    'load/hooks.ts': "import addon from 'addon'\nexport { addon }\n",
    'node_modules/addon/package.json': '{"name":"addon","main":"index.js"}',
    'node_modules/addon/index.js': "module.exports = require('./build/addon.node')\n",
    'node_modules/addon/build/addon.node': 'machine code',
  })
  const { parts, files: kept } = await packScript(script, 0)
  expect(parts.files.map(({ path }) => path)).toEqual(['load/words.txt', 'node_modules/addon/build/addon.node'])
  expect(Buffer.from(kept.at(-1)?.bytes ?? '').toString()).toBe('machine code')
  expect(Buffer.from(kept[0]?.bytes ?? '').toString()).toContain('slsartAt("node_modules/addon/build/addon.node")')
})
