/** The files asked for with --output: opened before the first request, written at the end. */
import { type FileHandle, open } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { usageErrors } from '../errors.ts'

const KINDS = ['.json']

export type Outputs = { write(report: string): Promise<void>; close(): Promise<void> }

/** Opens all of them, leaving what is there as it is until `write`; a path that cannot be written is a UsageError. */
export async function openOutputs(files: readonly string[], cwd: string): Promise<Outputs> {
  const handles: FileHandle[] = []
  for (const file of files) {
    if (!KINDS.includes(extname(file))) throw usageErrors.outputKind(file, KINDS)
    handles.push(
      await open(resolve(cwd, file), 'a').catch((cause) => {
        throw usageErrors.output(file, cause)
      }),
    )
  }
  return {
    async write(report) {
      for (const handle of handles) {
        await handle.truncate(0)
        await handle.write(report, 0)
      }
    },
    async close() {
      for (const handle of handles) await handle.close()
    },
  }
}
