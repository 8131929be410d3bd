/**
 * Where a run's code finds its files. Beside a folder's store is the project itself. On Lambda what travels is unpacked below /tmp, to the
 * places that it has in the project, anew for each invocation; the parts stay there for the next one, and are held against their
 * hash whenever they are used.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, extname, isAbsolute, join, posix, relative, resolve, win32 } from 'node:path'
import { isFull, tmpErrors } from '../src/errors.ts'
import type { Store } from '../src/store/store.ts'
import type { Part, WorkerScript } from '../src/wire/start.ts'
import type { AnyStart } from '../src/wire/task.ts'

export type Unpacked = {
  /** The folder that the code's and the files' paths are relative to. */
  root: string
  /** The places that the script and its folder have here. */
  source: WorkerScript['source']
  bytes(part: Part): Promise<Uint8Array>
  /** The path of a file that holds the part's bytes. */
  file(part: Part): Promise<string>
}

/** `source`: where the code's files are at the operator's. */
export async function unpack(
  start: Pick<AnyStart, 'run' | 'index' | 'attempt' | 'parts' | 'store'>,
  source: WorkerScript['source'],
  store: Store,
): Promise<Unpacked> {
  const { parts, store: place } = start
  if (place.kind === 'folder') {
    const bytes = (part: Part): Promise<Uint8Array> => fetched(part, store)
    const file = async (part: Part): Promise<string> => {
      await bytes(part)
      return join(place.folder, part.key)
    }
    return { root: source.root, source, bytes, file }
  }
  const own = join(tmpdir(), 'slsart')
  const needed = [parts.processor ?? [], parts.extensions, parts.rows, parts.files].flat()
  const cache = new PartCache(join(own, 'parts'), store, needed)
  await cache.makeRoom(MOST_LEFT)
  await rm(join(own, 'runs'), { recursive: true, force: true })
  const root = join(own, 'runs', `${start.run}-${start.index}-${start.attempt}`)
  await inTmp(root, () => mkdir(root, { recursive: true }))
  for (const part of parts.files) {
    const path = within(root, part.path)
    const bytes = await cache.bytes(part)
    await cache.write(path, async () => {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, bytes)
    })
  }
  const bytes = (part: Part): Promise<Uint8Array> => cache.bytes(part)
  return { root, source: movedTo(root, source), bytes, file: (part) => cache.file(part) }
}

/** Throws when the path leads out of the root. */
function within(root: string, path: string): string {
  const full = resolve(root, path)
  const inside = relative(root, full)
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) throw new Error(`${path} leads out of its folder`)
  return full
}

/** The operator's machine may have other slashes. */
function movedTo(root: string, source: WorkerScript['source']): WorkerScript['source'] {
  const path = posix.isAbsolute(source.root) ? posix : win32
  const here = (there: string): string => join(root, ...path.relative(source.root, there).split(path.sep))
  return { file: here(source.file), folder: here(source.folder), root }
}

async function fetched({ key, hash, inline }: Part, store: Store): Promise<Uint8Array> {
  const bytes = inline === null ? await store.get(key) : Buffer.from(inline, 'base64')
  if (bytes === null) throw new Error(`${key} is not in the store`)
  const found = hashOf(bytes)
  if (found !== hash) throw new Error(`${key} is damaged: its hash is ${found}`)
  return bytes
}

/** What cannot be written there is said so. */
const inTmp = <T>(path: string, work: () => Promise<T>): Promise<T> =>
  work().catch((cause) => {
    throw tmpErrors.unwritten(path, cause)
  })

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Of what has been left by earlier runs. /tmp has 512 MB unless more was asked for. */
const MOST_LEFT = 128 * 2 ** 20

class PartCache {
  private readonly folder: string
  private readonly store: Store
  /** Paths of the parts that this run has. */
  private readonly needed: ReadonlySet<string>

  constructor(folder: string, store: Store, needed: readonly Part[]) {
    this.folder = folder
    this.store = store
    this.needed = new Set(needed.map((part) => this.path(part)))
  }

  /** They need not be kept to be used: a disk that is full costs the next run of the environment a question to the store. */
  async bytes(part: Part): Promise<Uint8Array> {
    const bytes = await this.kept(part)
    if (bytes !== null) return bytes
    const fresh = await fetched(part, this.store)
    await this.keep(part, fresh).catch((error) => {
      if (!isFull(error.cause)) throw error
    })
    return fresh
  }

  async file(part: Part): Promise<string> {
    if ((await this.kept(part)) === null) await this.keep(part, await fetched(part, this.store))
    return this.path(part)
  }

  /** Forgets the parts of earlier runs when they have become more than so many bytes. */
  async makeRoom(most: number): Promise<void> {
    const names = await readdir(this.folder).catch(() => [])
    const left = names.map((name) => join(this.folder, name)).filter((path) => !this.needed.has(path))
    const sizes = await Promise.all(left.map(async (path) => (await stat(path)).size))
    if (sizes.reduce((sum, size) => sum + size, 0) <= most) return
    for (const path of left) await rm(path, { force: true })
  }

  /** On a disk that is full once more, without what earlier runs have left. */
  async write(path: string, work: () => Promise<unknown>): Promise<void> {
    await inTmp(path, () =>
      work().catch(async (error) => {
        if (!isFull(error)) throw error
        await this.makeRoom(0)
        await work()
      }),
    )
  }

  private async kept(part: Part): Promise<Uint8Array | null> {
    const bytes = await readFile(this.path(part)).catch(() => null)
    return bytes !== null && hashOf(bytes) === part.hash ? bytes : null
  }

  private keep(part: Part, bytes: Uint8Array): Promise<void> {
    const path = this.path(part)
    const beside = `${path}.${randomUUID()}`
    return this.write(path, async () => {
      await mkdir(this.folder, { recursive: true })
      try {
        await writeFile(beside, bytes)
        await rename(beside, path)
      } catch (error) {
        await rm(beside, { force: true })
        throw error
      }
    })
  }

  /** By its hash: a key is what somebody says. */
  private path({ key, hash }: Part): string {
    return within(this.folder, `${hash}${extname(key)}`)
  }
}
