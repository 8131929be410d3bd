/** How one part of a script goes over another (sources.ts has their order), and how templates in config are filled in. */
import { isObject } from './objects.ts'

type Config = Record<string, unknown>

/** As Artillery merges: objects key by key, lists position by position, everything else replaced. */
export function mergeOver(under: unknown, over: unknown): unknown {
  if (Array.isArray(under) && Array.isArray(over)) {
    return Array.from({ length: Math.max(under.length, over.length) }, (_, i) =>
      i < over.length ? mergeOver(under[i], over[i]) : under[i],
    )
  }
  if (isObject(under) && isObject(over)) {
    const merged: Config = { ...under }
    for (const [key, value] of Object.entries(over)) merged[key] = mergeOver(under[key], value)
    return merged
  }
  return over
}

/** As Artillery lays overrides: objects key by key, lists and everything else replaced. */
export function layOver(under: unknown, over: unknown): unknown {
  if (!isObject(under) || !isObject(over)) return over
  const laid: Config = { ...under }
  for (const [key, value] of Object.entries(over)) laid[key] = key in under ? layOver(under[key], value) : value
  return laid
}

const TEMPLATE = /\{\{\{?\s*([$\w.[\]'"-]+)\s*\}?\}\}/g

/** `$env.X`, `$env[X]`, `$env["X"]`, and the same of `$processEnvironment`. */
const VARIABLE = /^\$(?:env|processEnvironment)(?:\.|\[['"]?)([\w-]+)['"]?\]?$/

/**
 * Fills `{{ $env.X }}`, `{{ $processEnvironment.X }}`, `{{ $environment }}`, `{{ $dirname }}` and `{{ $scenarioFile }}`
 * wherever they stand in config, keys too. Other templates are the virtual users' and stay. `unset` hears of variables that
 * are not set, with the path of keys that leads to them.
 */
export function fillTemplates(
  value: unknown,
  names: { env: Record<string, string | undefined>; fixed: Record<string, string> },
  unset: (name: string, path: (string | number)[]) => never,
  path: (string | number)[] = [],
): unknown {
  if (Array.isArray(value)) return value.map((entry, i) => fillTemplates(entry, names, unset, [...path, i]))
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => {
        const at = [...path, key]
        return [fillTemplates(key, names, unset, at), fillTemplates(entry, names, unset, at)]
      }),
    )
  }
  if (typeof value !== 'string') return value
  return value.replace(TEMPLATE, (whole, name: string) => {
    const variable = VARIABLE.exec(name)?.[1]
    if (variable !== undefined)
      return Object.hasOwn(names.env, variable) ? String(names.env[variable]) : unset(variable, path)
    return Object.hasOwn(names.fixed, name) ? (names.fixed[name] as string) : whole
  })
}

/** A template of the script's own variables, filled from those of them that are not lists; null when one is none of them. */
export function fillFrom(variables: Record<string, unknown>, text: string): string | null {
  let known = true
  const filled = text.replace(TEMPLATE, (whole, name: string) => {
    const value = variables[name]
    known &&= value !== undefined && typeof value !== 'object'
    return known ? String(value) : whole
  })
  return known ? filled : null
}
