/** What Artillery's runner puts into a virtual user's context. */
import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import * as engineUtil from 'artillery-upstream/engine_util'
import type { Context } from 'artillery-upstream/step'
import type { Loaded, Vu } from './engine.ts'

export type Env = Record<string, string | undefined>

/** The variables that are the same for all. */
export const fixedFor = ({ run, script }: Loaded, env: Env): Record<string, unknown> => ({
  target: script.target,
  $environment: script.environment ?? undefined,
  $processEnvironment: env,
  $env: env,
  $testId: run,
  $dirname: dirname(script.source.file),
  $scenarioFile: script.source.file,
})

/**
 * Data rows and variables come over what `before` has set. `isSeen`: whether code may look at the context, and must find all of it;
 * otherwise what is the same for all is shared, and the rest is made when it is asked for.
 */
export function contextFor(
  loaded: Loaded,
  env: Env,
): (vu: Pick<Vu, 'vars' | 'random'>, spec: unknown, isSeen?: boolean) => Context {
  const shared = { ...fixedFor(loaded, env), ...loaded.vars }
  const common = Object.defineProperty({ ...shared }, '$uuid', { get: ownUuid, set: setUuid })
  return ({ vars, random }, spec, isSeen = true) => {
    if (!isSeen) {
      const own = Object.assign(Object.create(common), vars) as Record<string, unknown>
      return { vars: own, funcs: new Functions(random), scenario: spec, _uid: '', _random: random }
    }
    const uid = randomUUID()
    const all: Record<string, unknown> = { ...shared, ...vars, $uuid: uid }
    const funcs = { $randomNumber: randomNumber(random), $randomString: randomString(random) }
    return {
      vars: all,
      funcs: { ...funcs, $template: (input: unknown) => engineUtil.template(input, { vars: all, funcs }) },
      scenario: spec,
      _uid: uid,
      _random: random,
    }
  }
}

function ownUuid(this: object): string {
  const uuid = randomUUID()
  setUuid.call(this, uuid)
  return uuid
}

function setUuid(this: object, value: unknown): void {
  Object.defineProperty(this, '$uuid', { value, writable: true, enumerable: true, configurable: true })
}

/** Functions of templates, each made when a template calls it. */
class Functions {
  readonly [name: string]: (...given: never[]) => unknown
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  get $randomNumber(): ReturnType<typeof randomNumber> {
    return randomNumber(this.#random)
  }

  get $randomString(): ReturnType<typeof randomString> {
    return randomString(this.#random)
  }
}

/** As Artillery's: from 0 to 1 without arguments, from 0 with one; whole unless a bound is not. */
const randomNumber =
  (random: () => number) =>
  (first?: number, second?: number): number => {
    const bounds = first === undefined ? [0, 1] : [first, second ?? 0]
    const min = Math.min(...bounds)
    const max = Math.max(...bounds)
    return bounds.every(Number.isInteger) ? min + Math.floor(random() * (max - min + 1)) : min + random() * (max - min)
  }

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const randomString =
  (random: () => number) =>
  (length = 10): string =>
    Array.from({ length }, () => ALPHABET.charAt(Math.floor(random() * ALPHABET.length))).join('')
