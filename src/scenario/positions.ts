/** Where in the script's text a value stands, so that an error can point at it. */
import yaml from 'js-yaml'
import { type Document, isMap, isNode, isPair, LineCounter, parseDocument } from 'yaml'
import { type Place, pathText, ScriptError, scriptErrors } from '../errors.ts'
import { limitsSchema } from './limits.ts'
import { isObject } from './objects.ts'
import { samplingSchema } from './sampling.ts'
import { accountSchema, payloadSchema, phaseSchema, slsartSchema } from './schema.ts'
import { MOST_SCRIPT_BYTES, unsoundIn } from './sound.ts'
import { thresholdSchema } from './thresholds.ts'

export type Path = readonly (string | number)[]

/** One text of a script, or what a flag says. Only texts have lines. */
export type Layer = { file: string; value: unknown; text?: { document: Document; lines: LineCounter } }

/** What is nested too deeply for the parser, it says so. */
const OVERFLOW = 'Maximum call stack'

export class Positions {
  private readonly layers: readonly Layer[]
  private readonly flags: readonly Layer[]
  private readonly environment: string | null

  /** Later layers win, flags over all. */
  constructor(layers: readonly Layer[], environment: string | null, flags: readonly Layer[]) {
    this.layers = layers.toReversed()
    this.environment = environment
    this.flags = flags.toReversed()
  }

  /**
   * Parses YAML or JSON; what cannot be parsed is a ScriptError at its place. One parser tells the places; the values are those
   * of the parser that Artillery uses, which reads `010`, `1_000`, `1:30` and dates in its own way.
   */
  static parse(file: string, text: string): Layer {
    if (text.length > MOST_SCRIPT_BYTES) throw scriptErrors.tooLarge({ file }, file, text.length, MOST_SCRIPT_BYTES)
    const lines = new LineCounter()
    const document = documentOf(file, text, lines)
    const problem = document.errors[0]
    if (problem?.message.startsWith(OVERFLOW)) throw scriptErrors.unsound({ file }, 'deep')
    if (problem) {
      const { line, col } = lines.linePos(problem.pos[0])
      throw scriptErrors.syntax({ file, line, column: col }, problem.message)
    }
    try {
      // Aliases that multiply without end are found here.
      document.toJS({ maxAliasCount: 10_000 })
      const layer: Layer = { file, value: yaml.safeLoad(text), text: { document, lines } }
      return Positions.sound(layer)
    } catch (cause) {
      if (cause instanceof ScriptError) throw cause
      if (cause instanceof RangeError) throw scriptErrors.unsound({ file }, 'deep')
      throw scriptErrors.syntax({ file }, cause instanceof Error ? cause.message : String(cause))
    }
  }

  /** The layer, unless there is something in it that no script needs. */
  static sound(layer: Layer): Layer {
    const unsound = unsoundIn(layer.value)
    if (unsound !== null) throw scriptErrors.unsound(new Positions([layer], null, []).of(unsound.path), unsound.kind)
    return layer
  }

  /** The key at the end of a path, or the nearest thing above it; what flags and the environment set is looked for there first. */
  of(path: Path): Place {
    const flag = this.flags.find(({ value }) => {
      const said = valueAt(value, path)
      return said !== undefined && !isObject(said)
    })
    if (flag) return { file: flag.file }
    if (path[0] === 'config' && this.environment !== null) {
      const set = this.place(['config', 'environments', this.environment, ...path.slice(1)])
      if (set !== null) return set
    }
    for (let length = path.length; length > 0; length--) {
      const place = this.place(path.slice(0, length))
      if (place !== null) return place
    }
    return { file: this.layers.at(-1)?.file ?? '', line: 1, column: 1 }
  }

  /** `config.phases[0].duration` */
  name(path: Path): string {
    return pathText(path)
  }

  /** Whether a list was written there; one entry may stand without its list. */
  list(path: Path): boolean {
    return [...this.flags, ...this.layers].some(({ value }) => Array.isArray(valueAt(value, path)))
  }

  /** The keys that the strict schema at a path allows. */
  allowedAt(path: Path): string[] {
    if (path[1] === 'phases') return Object.keys(phaseSchema.shape)
    if (path[1] === 'payload') return Object.keys(payloadSchema.shape)
    if (path.includes('thresholds')) return Object.keys(thresholdSchema.shape)
    if (path[0] === 'sampling' || path.includes('monitoring')) return Object.keys(samplingSchema.shape)
    if (path.includes('limits')) return Object.keys(limitsSchema.shape)
    return Object.keys(path.includes('account') ? accountSchema.shape : slsartSchema.shape)
  }

  /** In the last text that has it. */
  private place(path: Path): Place | null {
    for (const { file, value, text } of this.layers) {
      if (text === undefined) {
        if (valueAt(value, path) !== undefined) return { file }
        continue
      }
      const offset = offsetIn(text.document, path)
      if (offset === null) continue
      const { line, col } = text.lines.linePos(offset)
      return { file, line, column: col }
    }
    return null
  }
}

function documentOf(file: string, text: string, lineCounter: LineCounter): Document {
  try {
    return parseDocument(text, { merge: true, lineCounter, prettyErrors: false })
  } catch (cause) {
    if (cause instanceof RangeError) throw scriptErrors.unsound({ file }, 'deep')
    throw cause
  }
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | null | undefined)?.[key], value)

function offsetIn(document: Document, path: Path): number | null {
  const parent = document.getIn(path.slice(0, -1), true)
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isNode(key) && 'value' in key && key.value === path.at(-1))
    if (isPair(pair) && isNode(pair.key)) return pair.key.range?.[0] ?? null
  }
  const node = document.getIn(path, true)
  return isNode(node) ? (node.range?.[0] ?? null) : null
}
