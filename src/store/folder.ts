/** A store in a folder of this machine. */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { Store } from './store.ts'

/** A run's files are their owner's alone: what the script's code and data travel in is among them. */
export const OWN_FOLDER = 0o700
export const OWN_FILE = 0o600

export function folderStore(root: string): Store {
  const place = async (key: string): Promise<string> => {
    const path = join(root, key)
    await mkdir(dirname(path), { recursive: true, mode: OWN_FOLDER })
    return path
  }
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
  return {
    async put(key, bytes) {
      // A reader sees the old document or the new one, never half of one.
      const path = await place(key)
      const beside = `${path}.${own}-${writes++}.new`
      try {
        await writeFile(beside, bytes, { mode: OWN_FILE })
        await rename(beside, path)
      } catch (error) {
        await rm(beside, { force: true })
        throw error
      }
    },
    async putIfAbsent(key, bytes) {
      return writeFile(await place(key), bytes, { flag: 'wx', mode: OWN_FILE }).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
    },
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
