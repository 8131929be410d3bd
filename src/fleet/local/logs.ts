/** What the workers of a run on this machine logged: a file for each, whose lines have no time. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type LogLine, prefixIn } from '../../wire/loglines.ts'
import { hookIndex } from '../../wire/start.ts'

const FILE = /^worker-(?:(\d+)|(before|after))[.]log$/

/** `before` first, then one worker after another. `slice`: of this worker only; null: of all. */
export async function* localLines(folder: string, slice: number | null): AsyncGenerator<LogLine> {
  const names = await readdir(join(folder, 'logs')).catch(() => [])
  const files = names.flatMap((name) => {
    const [, number, hook] = FILE.exec(name) ?? []
    if (number === undefined && hook === undefined) return []
    return [{ name, of: hook === undefined ? Number(number) : hookIndex[hook as keyof typeof hookIndex] }]
  })
  const place = (of: number): number => (of === hookIndex.after ? Number.POSITIVE_INFINITY : of)
  for (const { name, of } of files.toSorted((a, b) => place(a.of) - place(b.of))) {
    if (slice !== null && of !== slice) continue
    for await (const line of createInterface({ input: createReadStream(join(folder, 'logs', name)) })) {
      const found = prefixIn(line)
      yield { at: null, slice: of, attempt: found?.attempt ?? 1, text: found?.text ?? line }
    }
  }
}
