/**
 * Templates, compiled once into constants and reads of variables. What comes out is what Artillery's `template` gives, which puts one
 * variable after the other into the text so far; but a template that would never end, and take the worker with it, is an error.
 */
import { template } from 'artillery-upstream/engine_util'
import get from 'artillery-upstream/get'
import { isObject } from '../../../src/scenario/objects.ts'

/** What fills a template: a virtual user's variables and functions. */
type Filling = { vars: Record<string, unknown>; funcs: Record<string, (...given: never[]) => unknown> }
export type Template = (filling: Filling) => unknown

type Part =
  | { kind: 'text'; text: string }
  | { kind: 'variable'; source: string; read: Template }
  | { kind: 'call'; name: string; given: number[] }

/** Artillery's own two patterns: a call of a function with whole numbers, and a variable. */
const TOKEN =
  /{{\s*(?<name>\$[A-Za-z0-9_]+)\s*\(\s*(?<given>(?:\d+\s*(?:,\s*\d+\s*)*)?)\)\s*}}|{{{?(?<variable>[\s$\w.[\]'"-]+)}}}?/g
const VARIABLE = /{{{?[\s$\w.[\]'"-]+}}}?/
const PLAIN_NAME = /^[$\w-]+$/
const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/
const UNSAFE_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

export const isTemplate = (text: string): boolean => text.includes('{{')

/** A text is filled in; of a list or map, every text in it; anything else stays what it is. */
export function compiled(value: unknown): Template {
  // Artillery writes through paths made of the keys, and leaves more behind than was there where they are not plain.
  if (!hasPlainKeys(value)) return (filling) => template(value, filling)
  if (isConstant(value)) return () => value
  return typeof value === 'string' ? text(value) : filler(value)
}

/** Of what is in a list or map. */
function filler(value: unknown): Template {
  if (typeof value === 'string') {
    const fill = text(value)
    return (filling) => inner(fill(filling), filling)
  }
  if (Array.isArray(value)) {
    const all = value.map(filler)
    return (filling) => all.map((one) => one(filling))
  }
  return isObject(value) ? map(value) : () => value
}

function hasPlainKeys(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(hasPlainKeys)
  if (!isObject(value)) return true
  return Object.entries(value).every(([key, one]) => PLAIN_KEY.test(key) && !UNSAFE_KEYS.has(key) && hasPlainKeys(one))
}

/** Of a template that is part of a text: what is put there. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : String(value))

function map(value: Record<string, unknown>): Template {
  const all = Object.entries(value).map(([key, one]): [string, Template] => [key, filler(one)])
  return (filling) => {
    const filled: Record<string, unknown> = {}
    for (const [key, one] of all) filled[key] = one(filling)
    return filled
  }
}

/** A variable that is a list or map is filled in where it is put into another. */
const inner = (value: unknown, filling: Filling): unknown =>
  typeof value === 'object' && !isConstant(value) ? compiled(value)(filling) : value

/** Whether nothing in it is filled in, so that it may be shared. */
export function isConstant(value: unknown): boolean {
  if (typeof value === 'string') return !isTemplate(value)
  if (Array.isArray(value)) return value.every(isConstant)
  return !isObject(value) || Object.entries(value).every(([key, one]) => !isTemplate(key) && isConstant(one))
}

function text(source: string): Template {
  if (!isTemplate(source)) return () => source
  const parts = partsOf(source)
  if (parts === null)
    return source.includes('(') ? (filling) => template(source, filling) : (filling) => rendered(source, filling)
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
    else parts.push({ kind: 'call', name, given: given.trim() === '' ? [] : given.split(',').map(Number) })
    at = match.index + whole.length
  }
  if (at < source.length) parts.push({ kind: 'text', text: source.slice(at) })
  return parts.some(isOddText) ? null : parts
}

/** A brace before a template becomes part of one, when there is nothing between them. */
const isOddText = (part: Part, i: number, parts: readonly Part[]): boolean =>
  part.kind === 'text' && (isTemplate(part.text) || (part.text.endsWith('{') && i < parts.length - 1))

const reader = (name: string): Template =>
  PLAIN_NAME.test(name) ? ({ vars }) => vars[name] : ({ vars }) => get(vars, name)

/** A template that is nothing but a variable keeps what that is; what is empty becomes ''. */
const whole =
  (read: Template): Template =>
  (filling) => {
    const value = read(filling)
    return value === 0 || value === false || value === null || value === undefined ? value : value || ''
  }

/** Artillery calls functions first, then reads variables. Where what is put in could be part of a template, its way is gone step by step. */
function joined(parts: readonly Part[], filling: Filling): unknown {
  const called = calledIn(parts, filling)
  if (called === null) return undefined
  if (called.some((value) => value === '' || isOdd(value))) return compiled(sourceOf(parts, called))(filling)
  let text = ''
  let calls = 0
  let isPlain = true
  for (const part of parts) {
    if (part.kind === 'text') text += part.text
    else if (part.kind === 'call') text += called[calls++]
    else {
      const value = put(part.read(filling))
      isPlain &&= !isOdd(value)
      text += value
    }
  }
  return isPlain ? text : rendered(sourceOf(parts, called), filling)
}

const NONE: readonly string[] = []

/** Null when there is no such function. */
function calledIn(parts: readonly Part[], { funcs }: Filling): readonly string[] | null {
  let called = NONE
  for (const part of parts) {
    if (part.kind !== 'call') continue
    const made = funcs[part.name]
    if (made === undefined) return null
    called = [...called, String((made as (...given: number[]) => unknown)(...part.given))]
  }
  return called
}

function sourceOf(parts: readonly Part[], called: readonly string[]): string {
  let calls = 0
  const texts = parts.map((part) =>
    part.kind === 'text' ? part.text : part.kind === 'call' ? called[calls++] : part.source,
  )
  return texts.join('')
}

const put = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** What is more than itself where it is put: part of a template, or one of `replace`'s patterns. */
const isOdd = (value: string): boolean => value.includes('{') || value.includes('$')

/** A variable may be a template that names variables, so often. */
const MOST_ROUNDS = 1_000
const LONGEST = 10_000_000

/** `$&` and its like in values mean what they mean to `replace`, as in Artillery. Throws a RangeError. */
function rendered(source: string, { vars }: Filling): string {
  let text = source
  for (let round = 0; round < MOST_ROUNDS && text.length < LONGEST; round++) {
    const [braced] = VARIABLE.exec(text) ?? []
    if (braced === undefined) return text
    text = text.replace(braced, put(get(vars, braced.replaceAll(/[{}]/g, '').trim())))
  }
  throw new RangeError(`A template without end: ${source}`)
}
