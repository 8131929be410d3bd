/** Packages that the script calls external are not in the bundle: they are found where the code lies, or in a layer. */
import Module, { createRequire, type ResolveHookContext, registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** As bundles ask for them: `slsart:<folder below the root>#<package>`. */
const ASKED = /^slsart:([^#]*)#(.+)$/

let root = ''
let isHooked = false

/** From now on bundles that are loaded find their files, and external packages, from this folder on. */
export function findFrom(folder: string): void {
  root = folder
  Object.assign(globalThis, { [Symbol.for('slsart.root')]: folder })
  if (isHooked) return
  isHooked = true
  registerHooks({
    resolve(specifier, context, next) {
      const [, below, name] = ASKED.exec(specifier) ?? []
      if (below === undefined || name === undefined) return next(specifier, context)
      return found(name, join(root, below), context, next)
    },
  })
}

type Next = (specifier: string, context: ResolveHookContext) => ReturnType<NonNullable<Hooks['resolve']>>
type Hooks = Parameters<typeof registerHooks>[0]

function found(name: string, folder: string, context: ResolveHookContext, next: Next): ReturnType<Next> {
  const isRequired = context.conditions.includes('require')
  // For imports there is no NODE_PATH: it is as if the code lay beside those folders.
  for (const place of isRequired ? [folder] : [folder, ...layers()]) {
    const from = join(place, 'x.js')
    try {
      if (!isRequired) return next(name, { ...context, parentURL: pathToFileURL(from).href })
      return { url: pathToFileURL(createRequire(from).resolve(name)).href, shortCircuit: true }
    } catch (error) {
      if (!ABSENT.has(String((error as NodeJS.ErrnoException).code))) throw error
    }
  }
  throw new Error(`the package "${name}" is external to the bundle, and neither beside the script nor in a layer`)
}

const ABSENT = new Set(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'])

/** What holds a node_modules that NODE_PATH names. */
const layers = (): string[] => {
  const { globalPaths } = Module as unknown as { globalPaths: string[] }
  return globalPaths.filter((path) => path.endsWith('node_modules')).map((path) => join(path, '..'))
}
