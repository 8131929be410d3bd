/** One entry of `config.payload`: its CSV file, parsed as Artillery parses it, to rows. */
import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Options, parse } from 'csv-parse/sync'
import type * as z from 'zod'
import { scriptErrors } from '../errors.ts'
import { named, type Project } from './project.ts'
import type { payloadSchema } from './schema.ts'
import type { Feed } from './script.ts'
import { MOST_DATA_BYTES } from './sound.ts'

export async function readFeed(
  spec: z.infer<typeof payloadSchema>,
  index: number,
  folder: string,
  project: Project,
): Promise<Feed> {
  const { positions } = project
  const paths = positions.list(['config', 'payload'])
    ? ['config', 'payload', index, 'path']
    : ['config', 'payload', 'path']
  const at = positions.of(paths)
  const path = named(spec.path, folder, paths, project)
  if (spec.loadAll && spec.name === undefined) {
    throw scriptErrors.wrong(
      at,
      positions.name(paths.slice(0, -1)),
      'loadAll needs a name',
      'The rows appear under that name.',
    )
  }
  for (const name of [...(spec.fields ?? []), spec.name]) {
    if (name === '__proto__') throw scriptErrors.reserved(at, name)
  }
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > MOST_DATA_BYTES) throw scriptErrors.tooLarge(at, spec.path, size, MOST_DATA_BYTES)
  let rows: unknown[][]
  try {
    const text = await readFile(path, 'utf8')
    rows = parse(text, {
      skip_empty_lines: spec.skipEmptyLines ?? true,
      cast: spec.cast ?? true,
      from_line: spec.skipHeader ? 2 : 1,
      delimiter: spec.delimiter ?? ',',
      ...spec.options,
    } as Options) as unknown as unknown[][]
  } catch (cause) {
    throw scriptErrors.data(at, spec.path, cause)
  }
  if (rows.length === 0) throw scriptErrors.emptyData(at, spec.path)
  return {
    path: spec.path,
    fields: spec.fields ?? [],
    order: spec.order ?? 'random',
    loadAs: spec.loadAll ? (spec.name ?? null) : null,
    rows,
  }
}
