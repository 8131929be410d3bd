/** Scripts written in JavaScript or TypeScript: bundled with what they import, run once here, and taken as data. */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { compileFunction } from 'node:vm'
import { scriptErrors } from '../errors.ts'
import { bundle } from './bundle.ts'

/** The exported `config`, `scenarios` and so on. Functions are not data: they belong into the processor. */
export async function loadScript(file: string, name: string): Promise<unknown> {
  const how = { format: 'cjs', root: dirname(file), external: [], refuse: scriptErrors.script } as const
  const code = new TextDecoder().decode((await bundle(file, how)).code)
  const module = { exports: {} as Record<string, unknown> }
  try {
    const run = compileFunction(code, ['module', 'exports', 'require', '__filename', '__dirname'], { filename: file })
    run(module, module.exports, createRequire(file), file, dirname(file))
  } catch (cause) {
    throw scriptErrors.script(
      { file: name },
      cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
    )
  }
  const { exports } = module
  const data = (exports.default ?? exports) as object
  return JSON.parse(
    JSON.stringify(data, (key, value: unknown) => {
      if (typeof value === 'function') throw scriptErrors.functionInScript({ file: name }, key)
      return value
    }),
  )
}
