/** The files asked for with --output: opened before the first request, written at the end. */
import { existsSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { type UsageError, usageErrors } from '../errors.ts'
import { KINDS, type Kind } from './formats.ts'

export type Outputs = {
  /** Gives a problem for each file that could not be written; the others are. */
  write(textOf: (kind: Kind) => string): Promise<UsageError[]>
  /** Nothing will be written: what was not there before is gone again. */
  abandon(): Promise<void>
}

type Opened = { file: string; path: string; kind: Kind; handle: FileHandle; fresh: boolean }

/** Opens all of them, leaving what is there as it is until `write`; a path that cannot be written is a UsageError. */
export async function openOutputs(files: readonly string[], cwd: string): Promise<Outputs> {
  const opened: Opened[] = []
  for (const file of files) {
    try {
      opened.push(await openOne(file, resolve(cwd, file)))
    } catch (error) {
      await close(opened)
      throw error
    }
  }
  return {
    async write(textOf) {
      const problems: UsageError[] = []
      for (const { file, path, kind, handle, fresh } of opened) {
        await rewrite(handle, textOf(kind)).catch(async (cause) => {
          problems.push(usageErrors.lateOutput(file, cause))
          // Half a report is none.
          if (fresh) await rm(path, { force: true })
        })
      }
      return problems
    },
    abandon: () => close(opened),
  }
}

async function openOne(file: string, path: string): Promise<Opened> {
  const kind = KINDS.find((known) => known === extname(file))
  if (kind === undefined) throw usageErrors.outputKind(file, KINDS)
  const fresh = !existsSync(path)
  const handle = await open(path, 'a').catch((cause) => {
    throw usageErrors.output(file, cause)
  })
  return { file, path, kind, handle, fresh }
}

async function close(opened: readonly Opened[]): Promise<void> {
  for (const { path, handle, fresh } of opened) {
    await handle.close()
    if (fresh) await rm(path, { force: true })
  }
}

async function rewrite(handle: FileHandle, text: string): Promise<void> {
  try {
    await handle.truncate(0)
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
}
