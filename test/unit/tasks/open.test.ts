/** What a fleet is opened with: options that are none are refused before anything is there, and nothing stays of what was. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { TaskFleet } from '../../../src/fleet/fleet.ts'
import { folderStore } from '../../../src/store/folder.ts'
import { open } from '../../../src/tasks/open.ts'
import type { Opened } from '../../../src/tasks/pool.ts'
import type { FleetOptions } from '../../../src/tasks/types.ts'
import { realWorld } from '../../../src/world.ts'
import { workFolder } from '../../support/cli.ts'

const before = process.env.TMPDIR
let cwd: string
let tmp: string
beforeEach(() => {
  cwd = workFolder({ 'work.ts': 'export const a = 1\n', 'words.txt': 'words', 'tmp/none': '' })
  tmp = join(cwd, 'tmp')
  process.env.TMPDIR = tmp
})
afterEach(() => {
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
})

const opened = (options: Partial<FleetOptions>): Promise<Opened> =>
  open(
    { module: 'work.ts', ...options },
    { ...realWorld({ isOurs: false }), cwd },
    {
      usual: 8,
      make: async (_, folder) =>
        ({
          ...{ store: folderStore(folder), place: { kind: 'folder', folder }, batches: null, inlineBytes: 0 },
          limits: async () => ({ workers: 4, startsPer10s: null }),
        }) as unknown as TaskFleet,
      clear: async () => {},
    },
  )

it.each<[Partial<FleetOptions>, RegExp]>([
  [{ timeout: 0 }, /^timeout must be milliseconds, up to 900000, found 0$/],
  [{ timeout: 900_001 }, /^timeout must be/],
  [{ maxConcurrency: 1.5 }, /^maxConcurrency must be a whole number from 1 up, found 1\.5$/],
  [{ maxConcurrency: 5 }, /^maxConcurrency is 5, and there is room for 4 workers at once$/],
  [{ allow: ['169.254.169.254'] }, /^allow: 169\.254\.169\.254 is a cloud's metadata/],
  [{ module: 'absent.ts' }, /^cannot read the module absent\.ts: ENOENT/],
  [{ includeFiles: ['absent.txt'] }, /^cannot read the file absent\.txt: ENOENT/],
])('%o is refused, and nothing stays of it', async (options, words) => {
  await expect(opened(options)).rejects.toThrow(words)
  expect(readdirSync(tmp)).toEqual(['none'])
})

it('packs the module once, with the files beside it, for as many workers as there is room for', async () => {
  const { shared, atOnce, timeout, remove } = await opened({ includeFiles: ['words.txt'], allow: ['api.example.com'] })
  expect({ atOnce, timeout, allow: shared.allow }).toEqual({ atOnce: 4, timeout: 900_000, allow: ['api.example.com'] })
  expect(shared.parts).toMatchObject({ processor: { inline: null }, files: [{ path: 'words.txt' }], rows: [] })
  expect(shared.source).toEqual({ file: join(cwd, 'work.ts'), folder: cwd, root: cwd })
  await remove(true)
  expect(readdirSync(tmp)).toEqual(['none'])
})
