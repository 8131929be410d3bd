/** The files asked for with --output: opened before the first request, written at the end. */
import { type FileHandle, open } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { type UsageError, usageErrors } from '../errors.ts'
import { KINDS, type Kind } from './formats.ts'

/** `write` gives a problem for each file that could not be written; the others are. */
export type Outputs = { write(textOf: (kind: Kind) => string): Promise<UsageError[]> }

/** Opens all of them, leaving what is there as it is until `write`; a path that cannot be written is a UsageError. */
export async function openOutputs(files: readonly string[], cwd: string): Promise<Outputs> {
  const opened: { file: string; kind: Kind; handle: FileHandle }[] = []
  for (const file of files) {
    const kind = KINDS.find((known) => known === extname(file))
    if (kind === undefined) throw usageErrors.outputKind(file, KINDS)
    const handle = await open(resolve(cwd, file), 'a').catch((cause) => {
      throw usageErrors.output(file, cause)
    })
    opened.push({ file, kind, handle })
  }
  return {
    async write(textOf) {
      const problems: UsageError[] = []
      for (const { file, kind, handle } of opened) {
        await rewrite(handle, textOf(kind)).catch((cause) => problems.push(usageErrors.lateOutput(file, cause)))
      }
      return problems
    },
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
