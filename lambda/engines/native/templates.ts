/**
 * Templates, compiled once into constants and reads of variables. What comes out is what Artillery's `template` gives: it replaces one
 * variable after the other in the text so far, so where a value could itself be taken for a template, or has a `$`, it is asked.
 */
import { template } from 'artillery-upstream/engine_util'
import get from 'artillery-upstream/get'
import { isObject } from '../../../src/scenario/objects.ts'

/** What fills a template: a virtual user's variables and functions. */
export type Filling = { vars: Record<string, unknown>; funcs: Record<string, (...given: never[]) => unknown> }
export type Template = (filling: Filling) => unknown

type Part =
  | { kind: 'text'; text: string }
  | { kind: 'variable'; source: string; read: Template }
  | { kind: 'call'; source: string; name: string; given: number[] }

/** Artillery's own two patterns: a call of a function with whole numbers, and a variable. */
const TOKEN =
  /{{\s*(?<name>\$[A-Za-z0-9_]+)\s*\(\s*(?<given>(?:\d+\s*(?:,\s*\d+\s*)*)?)\)\s*}}|{{{?(?<variable>[\s$\w.[\]'"-]+)}}}?/g
const PLAIN_NAME = /^[$\w-]+$/
const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/
const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

export const isTemplate = (text: string): boolean => text.includes('{{')

/** A text is filled in; of a list or map, every text in it; anything else stays what it is. */
export function compiled(value: unknown): Template {
  if (typeof value === 'string') return isTemplate(value) ? text(value) : () => value
  if (Array.isArray(value)) return list(value)
  return isObject(value) ? map(value) : () => value
}

/** Of a template that is part of a text: what is put there. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : String(value))

function list(values: readonly unknown[]): Template {
  const all = values.map(element)
  if (values.every(isConstant)) return () => values
  return (filling) => all.map((one) => one(filling))
}

/** Artillery goes on into a list or map that a variable has brought along, and fills that in where it is. */
function element(value: unknown): Template {
  const fill = compiled(value)
  if (typeof value !== 'string' || isConstant(value)) return fill
  return (filling) => {
    const brought = fill(filling)
    if (typeof brought !== 'object' || isConstant(brought)) return brought
    return template(brought, filling, true)
  }
}

function map(value: Record<string, unknown>): Template {
  const keys = Object.keys(value)
  // Artillery writes through paths made of the keys: only of plain ones is it known what comes out.
  if (!keys.every((key) => PLAIN_KEY.test(key) && !UNSAFE_KEYS.has(key))) return (filling) => template(value, filling)
  if (isConstant(value)) return () => value
  const all = keys.map((key): [string, Template] => [key, element(value[key])])
  return (filling) => {
    const filled: Record<string, unknown> = {}
    for (const [key, one] of all) filled[key] = one(filling)
    return filled
  }
}

/** Whether nothing in it is filled in, so that it may be shared. */
export function isConstant(value: unknown): boolean {
  if (typeof value === 'string') return !isTemplate(value)
  if (Array.isArray(value)) return value.every(isConstant)
  return !isObject(value) || Object.entries(value).every(([key, one]) => !isTemplate(key) && isConstant(one))
}

function text(source: string): Template {
  const parts = partsOf(source)
  if (parts === null) return (filling) => template(source, filling)
  const [only] = parts
  if (parts.length === 1 && only?.kind === 'variable') return whole(only.read)
  return (filling) => joined(parts, filling)
}

/** Null where Artillery's ways are too odd to be compiled. */
function partsOf(source: string): Part[] | null {
  const parts: Part[] = []
  let at = 0
  for (const match of source.matchAll(TOKEN)) {
    if (match.index > at) parts.push({ kind: 'text', text: source.slice(at, match.index) })
    const { name, given = '', variable = '' } = match.groups ?? {}
    const [whole] = match
    if (name === undefined) parts.push({ kind: 'variable', source: whole, read: reader(variable.trim()) })
    else
      parts.push({ kind: 'call', source: whole, name, given: given.trim() === '' ? [] : given.split(',').map(Number) })
    at = match.index + whole.length
  }
  if (at < source.length) parts.push({ kind: 'text', text: source.slice(at) })
  return parts.some((part) => part.kind === 'text' && isTemplate(part.text)) ? null : parts
}

const reader = (name: string): Template =>
  PLAIN_NAME.test(name) ? ({ vars }) => vars[name] : ({ vars }) => get(vars, name)

/** A template that is nothing but a variable keeps what that is; what is empty becomes ''. */
const whole =
  (read: Template): Template =>
  (filling) => {
    return emptied(read(filling))
  }

const emptied = (value: unknown): unknown =>
  value === 0 || value === false || value === null || value === undefined ? value : value || ''

/** Artillery calls functions first, then reads variables. */
function joined(parts: readonly Part[], filling: Filling): unknown {
  let text = ''
  let plain = true
  const called: string[] = []
  for (const part of parts) {
    if (part.kind !== 'call') continue
    const made = filling.funcs[part.name]
    if (made === undefined) return undefined
    const value = String((made as (...given: number[]) => unknown)(...part.given))
    plain &&= value !== '' && isPlain(value)
    called.push(value)
  }
  let calls = 0
  for (const part of parts) {
    if (part.kind === 'text') text += part.text
    else if (part.kind === 'call') text += called[calls++]
    else {
      const value = part.read(filling)
      const put = typeof value === 'object' ? JSON.stringify(value) : String(value)
      plain &&= typeof value !== 'function' && isPlain(put)
      text += put
    }
  }
  return plain ? text : asked(parts, called, filling)
}

const isPlain = (value: string): boolean => !value.includes('{') && !value.includes('$')

/** The functions have been called, and must not be once more. Throws a RangeError. */
function asked(parts: readonly Part[], called: readonly string[], filling: Filling): unknown {
  let calls = 0
  const source = parts.map((part) =>
    part.kind === 'text' ? part.text : part.kind === 'call' ? called[calls++] : part.source,
  )
  return rendered(source.join(''), filling)
}

const VARIABLE = /{{{?[\s$\w.[\]'"-]+}}}?/
const MOST_ROUNDS = 1_000
const LONGEST = 10_000_000

/**
 * One variable after the other, in the text so far, with `$&` and its like in values meaning what they mean to `replace`: as Artillery does
 * it. A value that brings its own template along goes on for ever there, and takes the worker with it: here its virtual user fails.
 */
function rendered(source: string, filling: Filling): unknown {
  let text = source
  for (let round = 0; round < MOST_ROUNDS && text.length < LONGEST; round++) {
    const [found] = VARIABLE.exec(text) ?? []
    if (found === undefined) return text
    const value = get(filling.vars, found.replaceAll(/[{}]/g, '').trim())
    if (found === source) return emptied(value)
    text = text.replace(found, typeof value === 'object' ? JSON.stringify(value) : (value as string))
  }
  throw new RangeError('A template is filled in without end')
}
