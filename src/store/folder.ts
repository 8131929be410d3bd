/** A store in a folder of this machine. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Store } from './store.ts'

export function folderStore(root: string): Store {
  const place = async (key: string): Promise<string> => {
    const path = join(root, key)
    await mkdir(dirname(path), { recursive: true })
    return path
  }
  let writes = 0
  return {
    async put(key, bytes) {
      // A reader sees the old document or the new one, never half of one.
      const path = await place(key)
      const beside = `${path}.${writes++}.new`
      try {
        await writeFile(beside, bytes)
        await rename(beside, path)
      } catch (error) {
        await rm(beside, { force: true })
        throw error
      }
    },
    async putIfAbsent(key, bytes) {
      const flag = 'wx'
      return writeFile(await place(key), bytes, { flag }).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false
          throw error
        },
      )
    },
    async get(key) {
      return readFile(join(root, key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
    },
  }
}
