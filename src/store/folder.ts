/**
 * A store in a folder of this machine. What it cannot write is an error that names the file. On a disk that is full a document can still
 * take the place of the one before it: orders must arrive.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { folderErrors, isFull } from '../errors.ts'
import type { Store } from './store.ts'

/** A run's files are their owner's alone: what the script's code and data travel in is among them. */
export const OWN_FOLDER = 0o700
export const OWN_FILE = 0o600

/** What `stat` counts a file's room in, whatever the file system does. */
const BLOCK = 512

export function folderStore(root: string): Store {
  const place = async (key: string): Promise<string> => {
    const path = join(root, key)
    await mkdir(dirname(path), { recursive: true, mode: OWN_FOLDER })
    return path
  }
  const writing = <T>(key: string, work: Promise<T>): Promise<T> =>
    work.catch((cause) => {
      throw folderErrors.unwritten(join(root, key), cause)
    })
  const list = async (prefix: string): Promise<string[]> => {
    const parts = prefix.split('/').slice(0, -1).join('/')
    const entries = await readdir(join(root, parts), { recursive: true, withFileTypes: true }).catch(() => [])
    const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.new'))
    const keys = files.map(({ parentPath, name }) => relative(root, join(parentPath, name)).split(sep).join('/'))
    return keys.filter((key) => key.startsWith(prefix)).toSorted()
  }
  // Other processes write here too.
  const own = randomUUID()
  let writes = 0
  const put = async (key: string, bytes: Uint8Array): Promise<void> => {
    // A reader sees the old document or the new one, never half of one.
    const path = await place(key)
    const beside = `${path}.${own}-${writes++}.new`
    try {
      await writeFile(beside, bytes, { mode: OWN_FILE })
      await rename(beside, path)
    } catch (error) {
      await rm(beside, { force: true })
      if (!isFull(error) || !(await overwritten(path, bytes))) throw error
    }
  }
  return {
    put: (key, bytes) => writing(key, put(key, bytes)),
    putIfAbsent: (key, bytes) =>
      writing(
        key,
        place(key).then((path) => created(path, bytes)),
      ),
    list,
    async folders(prefix) {
      const parts = prefix.split('/').slice(0, -1).join('/')
      const entries = await readdir(join(root, parts), { withFileTypes: true }).catch(() => [])
      const begun = prefix.slice(parts.length === 0 ? 0 : parts.length + 1)
      const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
      return names.filter((name) => name.startsWith(begun)).toSorted()
    },
    async get(key) {
      return readFile(join(root, key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
    },
    async clear(prefix) {
      for (const key of await list(prefix)) await rm(join(root, key), { force: true })
    },
    close() {},
  }
}

/** What cannot be written whole is not there. */
async function created(path: string, bytes: Uint8Array): Promise<boolean> {
  const file = await open(path, 'wx', OWN_FILE).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return null
    throw error
  })
  if (file === null) return false
  try {
    await file.writeFile(bytes)
    return true
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

/** Puts the bytes where the file's own are, which takes no more of the disk; false when it is not there, or has too little. */
async function overwritten(path: string, bytes: Uint8Array): Promise<boolean> {
  const file = await open(path, 'r+').catch(() => null)
  if (file === null) return false
  try {
    const { size, blocks } = await file.stat()
    if (Math.max(size, blocks * BLOCK) < bytes.length) return false
    // A reader that comes between the two has a document that it cannot read, and asks again.
    await file.write(bytes, 0, bytes.length, 0)
    await file.truncate(bytes.length)
    return true
  } finally {
    await file.close()
  }
}
