/** Where in the script's text a value stands, so that an error can point at it. */
import { type Document, isMap, isNode, isPair, LineCounter, parseDocument } from 'yaml'
import { type Place, scriptErrors } from '../errors.ts'
import { limitsSchema } from './limits.ts'
import { accountSchema, payloadSchema, phaseSchema, slsartSchema } from './schema.ts'

export type Path = readonly (string | number)[]

export class Positions {
  readonly value: unknown
  private readonly file: string
  private readonly environment: string | null
  private readonly document: Document
  private readonly lines = new LineCounter()

  /** Parses YAML or JSON; what cannot be parsed is a ScriptError at its place. */
  constructor(file: string, text: string, environment: string | null) {
    this.file = file
    this.environment = environment
    this.document = parseDocument(text, { merge: true, lineCounter: this.lines, prettyErrors: false })
    const problem = this.document.errors[0]
    if (problem) throw scriptErrors.syntax(this.at(problem.pos[0]), problem.message)
    try {
      this.value = this.document.toJS({ maxAliasCount: 10_000 })
    } catch (cause) {
      throw scriptErrors.syntax({ file }, cause instanceof Error ? cause.message : String(cause))
    }
  }

  /** The key at the end of a path, or the nearest thing above it; what the environment set is looked for there first. */
  of(path: Path): Place {
    if (path[0] === 'config' && this.environment !== null) {
      const set = this.offset(['config', 'environments', this.environment, ...path.slice(1)])
      if (set !== null) return this.at(set)
    }
    for (let length = path.length; length > 0; length--) {
      const offset = this.offset(path.slice(0, length))
      if (offset !== null) return this.at(offset)
    }
    return { file: this.file, line: 1, column: 1 }
  }

  /** `config.phases[0].duration` */
  name(path: Path): string {
    return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('')
  }

  /** Whether a list was written there; one entry may stand without its list. */
  list(path: Path): boolean {
    return Array.isArray(this.jsAt(path))
  }

  /** The keys that the strict schema at a path allows. */
  allowedAt(path: Path): string[] {
    if (path[1] === 'phases') return Object.keys(phaseSchema.shape)
    if (path[1] === 'payload') return Object.keys(payloadSchema.shape)
    if (path.includes('limits')) return Object.keys(limitsSchema.shape)
    return Object.keys(path.includes('account') ? accountSchema.shape : slsartSchema.shape)
  }

  private jsAt(path: Path): unknown {
    return path.reduce<unknown>(
      (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
      this.value,
    )
  }

  private offset(path: Path): number | null {
    const parent = this.document.getIn(path.slice(0, -1), true)
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isNode(key) && 'value' in key && key.value === path.at(-1))
      if (isPair(pair) && isNode(pair.key)) return pair.key.range?.[0] ?? null
    }
    const node = this.document.getIn(path, true)
    return isNode(node) ? (node.range?.[0] ?? null) : null
  }

  private at(offset: number): Place {
    const { line, col } = this.lines.linePos(offset)
    return { file: this.file, line, column: col }
  }
}
