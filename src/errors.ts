/**
 * What can go wrong before the first request, in words. Four kinds, by exit code; anything else is a bug and exits 1.
 * An ending after the first request is not an error but a value in the verdict (measure/verdict.ts).
 * Sentences for the user live here, in report/advice.ts, report/going.ts and cli/flags.ts, nowhere else.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 10 | 11 | 12 | 13 | 14 | 15 | 20 | 21 | 130 | 143

export type Place = { file: string; line?: number; column?: number }

/** A message (what, found, allowed), the way out as `hint`, and for scripts the place. */
export class SlsartError extends Error {
  readonly code: `SLSART_${string}`
  readonly exit: ExitCode
  readonly hint: string | null
  readonly at: Place | null

  constructor(kind: { code: `SLSART_${string}`; exit: ExitCode }, message: string, more: More = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = new.target.name
    this.code = kind.code
    this.exit = kind.exit
    this.hint = more.hint ?? null
    this.at = more.at ?? null
  }

  /** `file:line:column: message` and the hint below it. */
  toText(): string {
    const { at, message, hint } = this
    const place = at ? `${[at.file, at.line, at.column].filter((part) => part !== undefined).join(':')}: ` : ''
    return `${place}${message}${hint ? `\n  ${hint}` : ''}`
  }
}

export type More = { hint?: string | null; at?: Place | null; cause?: unknown }

export class ScriptError extends SlsartError {
  constructor(message: string, more: More = {}) {
    super({ code: 'SLSART_SCRIPT', exit: 2 }, message, more)
  }
}

export class UsageError extends SlsartError {
  constructor(message: string, more: More = {}) {
    super({ code: 'SLSART_USAGE', exit: 2 }, message, more)
  }
}

export class PreflightError extends SlsartError {
  constructor(message: string, more: More = {}) {
    super({ code: 'SLSART_PREFLIGHT', exit: 3 }, message, more)
  }
}

export class DeployError extends SlsartError {
  constructor(message: string, more: More = {}) {
    super({ code: 'SLSART_DEPLOY', exit: 4 }, message, more)
  }
}

/** `config.phases[0].duration` */
export const pathText = (path: readonly (string | number)[]): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`)).join('')

export const list = (words: readonly string[]): string => words.join(', ')
export const oneLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? ''

const UNSOUND = {
  deep: 'it is nested more than 100 levels deep',
  many: 'it comes to more than a million values once its aliases are written out',
  key: '"__proto__" cannot be a key',
}
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`

export const scriptErrors = {
  missing: (file: string, cause: unknown): ScriptError =>
    new ScriptError(`cannot read the script: ${oneLine(cause)}`, {
      at: { file },
      hint: 'Give the path of a YAML or JSON script with -p.',
      cause,
    }),
  syntax: (at: Place, message: string): ScriptError => new ScriptError(message, { at }),
  unknownKey: (
    at: Place,
    found: { key: string; where: string; allowed: readonly string[]; near: string | null },
  ): ScriptError =>
    new ScriptError(`unknown key "${found.key}" in ${found.where}`, {
      at,
      hint: `${found.near ? `Did you mean "${found.near}"? ` : ''}Allowed: ${list(found.allowed)}.`,
    }),
  unsound: (at: Place, kind: 'deep' | 'many' | 'key'): ScriptError =>
    new ScriptError(UNSOUND[kind], { at, hint: 'Nothing was sent.' }),
  tooLarge: (at: Place, path: string, bytes: number, most: number): ScriptError =>
    new ScriptError(`${path} has ${megabytes(bytes)}, and may have ${megabytes(most)}`, {
      at,
      hint: 'Nothing was sent.',
    }),
  reserved: (at: Place, name: string): ScriptError =>
    new ScriptError(`"${name}" cannot be the name of a variable`, { at, hint: 'Give it another one.' }),
  wrong: (at: Place, where: string, message: string, hint: string | null = null): ScriptError =>
    new ScriptError(`${where}: ${message}`, { at, hint }),
  contradiction: (at: Place, one: string, other: string, [a, b]: readonly [number, number]): ScriptError =>
    new ScriptError(`${one} is ${a}, but ${other} is ${b}`, { at, hint: 'Leave one of them out, or make them agree.' }),
  notInstalled: (at: Place, what: string, module: string): ScriptError =>
    new ScriptError(`${what} is not installed`, { at, hint: `npm install ${module}` }),
  noEngine: (at: Place, name: string, known: readonly string[], near: string | null): ScriptError =>
    new ScriptError(`there is no engine "${name}"`, {
      at,
      hint:
        near === null
          ? `Name it under \`config.engines\`. Without that there are: ${list(known)}.`
          : `Did you mean "${near}"?`,
    }),
  noPhase: (at: Place, name: string, known: readonly string[], near: string | null): ScriptError =>
    new ScriptError(`there is no phase "${name}"`, {
      at,
      hint: near === null ? `The phases are: ${list(known)}.` : `Did you mean "${near}"?`,
    }),
  browsers: (at: Place): ScriptError =>
    new ScriptError('scenarios in browsers are not supported', {
      at,
      hint: 'A browser is not load that a worker could carry. Nothing was sent.',
    }),
  outside: (at: Place, path: string, root: string): ScriptError =>
    new ScriptError(`${path} lies outside the project ${root}`, {
      at,
      hint: 'What a script names travels to its workers. Give --allow-outside if it may.',
    }),
  noFile: (at: Place, path: string): ScriptError =>
    new ScriptError(`there is no file ${path}`, { at, hint: 'Paths in a script are relative to the script.' }),
  noTarget: (at: Place): ScriptError =>
    new ScriptError('the script has no target', {
      at,
      hint: 'Add `target: http://host` under `config:`, or give --target.',
    }),
  unsetVariable: (at: Place, name: string): ScriptError =>
    new ScriptError(`the environment variable ${name} is not set, and the script's config uses it`, {
      at,
      hint: `Set it: ${name}=… slsart …`,
    }),
  unknownEnvironment: (at: Place, name: string, known: readonly string[]): ScriptError =>
    new ScriptError(`the script has no environment "${name}"`, {
      at,
      hint: known.length > 0 ? `It has: ${list(known)}.` : 'It has no `environments` under `config:`.',
    }),
  data: (at: Place, path: string, cause: unknown): ScriptError =>
    new ScriptError(`cannot read the data file ${path}: ${oneLine(cause)}`, {
      at,
      hint: 'Paths in a script are relative to the script.',
      cause,
    }),
  emptyData: (at: Place, path: string): ScriptError =>
    new ScriptError(`the data file ${path} has no rows`, { at, hint: 'Add a row, or take the payload out.' }),
  processor: (at: Place, cause: string): ScriptError =>
    new ScriptError(`the script's code cannot be loaded: ${cause}`, { at, hint: 'Nothing was sent.' }),
  plugin: (at: Place, name: string, cause: unknown): ScriptError =>
    new ScriptError(`the plugin "${name}" cannot be loaded: ${oneLine(cause)}`, {
      at,
      hint: 'Nothing was sent.',
      cause,
    }),
  script: (at: Place, cause: string): ScriptError =>
    new ScriptError(`the script cannot be loaded: ${cause}`, { at, hint: 'Nothing was sent.' }),
  functionInScript: (at: Place, key: string): ScriptError =>
    new ScriptError(`"${key}" is a function`, {
      at,
      hint: 'Export it from a processor, and name it here: `config.processor: ./hooks.ts`.',
    }),
  notNative: (at: Place, scenario: string, why: string): ScriptError =>
    new ScriptError(`the native engine does not run the scenario "${scenario}": ${why}`, {
      at,
      hint: "With `--engine auto` such scenarios run on Artillery's engine. Nothing was sent.",
    }),
  noScenario: (at: Place, name: string, fits: readonly string[], known: readonly string[]): ScriptError =>
    new ScriptError(
      fits.length === 0 ? `the script has no scenario "${name}"` : `"${name}" fits several scenarios: ${list(fits)}`,
      { at, hint: `It has: ${list(known)}.` },
    ),
} as const

export const usageErrors = {
  noScript: (): UsageError =>
    new UsageError('no script was given', { hint: 'Give a file with -p, text with --data, or --stdin.' }),
  number: (flag: string, found: string, allowed: string): UsageError =>
    new UsageError(`${flag} must be ${allowed}, found "${found}"`),
  choice: (flag: string, found: string, allowed: readonly string[]): UsageError =>
    new UsageError(`${flag} must be one of ${list(allowed)}, found "${found}"`),
  json: (flag: string, found: string, cause: unknown): UsageError =>
    new UsageError(`${flag} must be a JSON object${cause === null ? '' : `: ${oneLine(cause)}`}, found ${found}`, {
      hint: `For example: ${flag} '{"name": "value"}'`,
      cause,
    }),
  dotenv: (file: string, cause: unknown): UsageError =>
    new UsageError(`cannot read the dotenv file ${file}: ${oneLine(cause)}`, { hint: 'No request was sent.', cause }),
  noRun: (folder: string, cause: unknown): UsageError =>
    new UsageError(`there is no run in ${folder}: ${oneLine(cause)}`, {
      hint: '`slsart history` lists the runs.',
      cause,
    }),
  otherRun: (folder: string): UsageError =>
    new UsageError(
      `the run in ${folder} was recorded by another version of slsart, whose frames this one does not read`,
      {
        hint: 'Read it with that one, or run its script again.',
      },
    ),
  unknownRun: (run: string, fits: readonly string[]): UsageError =>
    fits.length === 0
      ? new UsageError(`there is no run "${run}" here`, { hint: '`slsart history` lists the runs.' })
      : new UsageError(`"${run}" may be one of several runs: ${list(fits)}`, { hint: 'Give more of its name.' }),
  sameRun: (run: string): UsageError =>
    new UsageError(`${run} would be compared with itself`, {
      hint: 'Give the run too: slsart compare BASELINE RUN. `slsart history` lists them.',
    }),
  noStage: (stage: string, region: string): UsageError =>
    new UsageError(`there is no stage "${stage}" in ${region}`, { hint: '`slsart ls` lists what is deployed.' }),
  notInStore: (): UsageError =>
    new UsageError('there is no such run in the store', { hint: '`slsart history` lists the runs of this folder.' }),
  noneGoing: (): UsageError =>
    new UsageError('there is no run here', {
      hint: 'Give the name of one, with --stage and --region when it was started elsewhere.',
    }),
  oneSteering: (): UsageError =>
    new UsageError('say what to do to the load, one thing at a time', {
      hint: 'One of --scale NUMBER, --pause, --resume and --end-phase.',
    }),
  notSteered: (run: string, why: string): UsageError => new UsageError(`the load of run ${run} is not steered: ${why}`),
  notFetched: (folder: string, problem: string): UsageError =>
    new UsageError(`cannot write what the store has of the run to ${folder}: ${problem}`),
  noBaseline: (threshold: string): UsageError =>
    new UsageError(`the threshold ${threshold} compares with a baseline, and none was given`, {
      hint: 'Give an earlier run: --baseline RUN. `slsart history` lists them. No request was sent.',
    }),
  baselineUnmeasured: (run: string, threshold: string): UsageError =>
    new UsageError(`the baseline ${run} has not measured what ${threshold} compares`, {
      hint: 'Give another run. No request was sent.',
    }),
  noTerminal: (): UsageError =>
    new UsageError('the dashboard needs a terminal for its input and its errors (stdin and stderr)', {
      hint: 'Give --progress plain, or leave it out. No request was sent.',
    }),
  twoTrials: (): UsageError =>
    new UsageError('a run is either --acceptance or --monitoring', { hint: 'Leave one of them out.' }),
  oneWorker: (): UsageError =>
    new UsageError('scenarios are tried out in one worker', {
      hint: 'Leave --workers out, or --acceptance and --monitoring.',
    }),
  triedByArtillery: (): UsageError =>
    new UsageError("scenarios are tried out on Artillery's engine, which tells of each step", {
      hint: 'Leave --engine out, or --acceptance and --monitoring.',
    }),
  outputKind: (file: string, known: readonly string[]): UsageError =>
    new UsageError(`cannot tell the format of the output file ${file}`, {
      hint: `Its name must end in ${list(known)}.`,
    }),
  output: (file: string, cause: unknown): UsageError =>
    new UsageError(`cannot write the output file ${file}: ${reasonText(cause)}`, {
      hint: 'No request was sent. Give a path that can be written.',
      cause,
    }),
  lateOutput: (file: string, cause: unknown): UsageError =>
    new UsageError(`the run is over, but ${file} cannot be written: ${reasonText(cause)}`, {
      hint: 'What was measured is in the summary above.',
      cause,
    }),
} as const

/** What the system calls a disk without room, and a quota that is used up. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])
export const isFull = (cause: unknown): boolean => FULL.has((cause as NodeJS.ErrnoException | null)?.code)

/** A full disk's with what mends it. */
const reasonText = (cause: unknown): string => `${oneLine(cause)}${isFull(cause) ? ': make room on that disk' : ''}`

/** Node names no file when a write fails that had been opened. */
export const unwrittenText = (path: string, cause: unknown): string => `cannot write ${path}: ${reasonText(cause)}`

/** Raw samples, as a worker tells of them. */
export const unkeptText = (slice: number, cause: unknown): string => `raw samples of worker ${slice}: ${oneLine(cause)}`

export const folderErrors = {
  unwritten: (path: string, cause: unknown): PreflightError =>
    new PreflightError(unwrittenText(path, cause), { cause }),
} as const

/** Of a worker on Lambda: nobody else can make room there. */
export const tmpErrors = {
  unwritten: (path: string, cause: unknown): PreflightError =>
    new PreflightError(
      `cannot write ${path}: ${oneLine(cause)}${isFull(cause) ? ": what travels with a script must fit into a worker's /tmp of 512 MB" : ''}`,
      { cause },
    ),
} as const

/** Of a worker that sends what no worker sends. */
export const unreadableText = (problem: string): string => `it sent what cannot be read: ${problem}`

/** A refusal of plan/preflight.ts, by its shape: this room may not import that one. */
type Refused = { what: 'workers' | 'starts'; asked: number; fits: number; seconds?: number }

export const refusalText = ({ what, asked, fits, seconds }: Refused): string =>
  what === 'workers'
    ? `the plan needs ${asked} workers at once, there is room for ${fits}: --workers ${fits} or less would fit`
    : `${asked} workers cannot be started in ${seconds} s, ${fits} can: use fewer workers or a longer start-up`

/** Why a price is not known (plan/tariff.ts, run/money.ts), by its shape. */
type Unpriced =
  | { what: 'region'; name: string }
  | { what: 'arch'; name: string }
  | { what: 'outdated'; date: string }
  | { what: 'memory' }

function unpricedText(why: Unpriced): string {
  switch (why.what) {
    case 'region':
      return `the price in ${why.name} is not known`
    case 'arch':
      return `the price of ${why.name} is not known`
    case 'outdated':
      return `the prices that this version knows are of ${why.date}, over a year ago`
    case 'memory':
      return 'a price for memory is none of workers on this machine, which take what they need'
  }
}

/** What a plan costs at the least; what surely is enough; the share of its load that could begin. */
type Needed = { least: number; enough: number; share: number | null }

/** Three digits, rounded up: what would not quite do is of no use. */
function usdUp(usd: number): string {
  const unit = 10 ** (Math.floor(Math.log10(usd)) - 2)
  return String(Number((Math.ceil(usd / unit) * unit).toPrecision(3)))
}

export const preflightErrors = {
  notDeployed: (stage: string, region: string): PreflightError =>
    new PreflightError(`the stage ${stage} is not deployed in ${region}`, {
      hint: 'Deploy it with `slsart deploy`, or add --local to run the workers as processes on this machine. No request was sent.',
    }),
  otherVersion: (stage: string, region: string): PreflightError =>
    new PreflightError(`the stage ${stage} in ${region} runs another version of the worker than this command line`, {
      hint: 'Bring it up to date with `slsart deploy`. No request was sent.',
    }),
  unconfirmed: (price: string): PreflightError =>
    new PreflightError(`${price}: that must be agreed to, and there is no terminal to ask on`, {
      hint: 'Give --yes. No request was sent.',
    }),
  declined: (): PreflightError => new PreflightError('not agreed to', { hint: 'No request was sent.' }),
  refused: (refusal: Refused): PreflightError =>
    new PreflightError(refusalText(refusal), { hint: 'No request was sent.' }),
  unpriced: (cap: number, why: Unpriced): PreflightError =>
    new PreflightError(`--max-cost ${cap} cannot be held: ${unpricedText(why)}`, {
      hint: 'State what you pay, `config.slsart.price: { usdPerWorkerHour: … }`, or leave --max-cost out. No request was sent.',
    }),
  overCap: (cap: number, { least, enough, share }: Needed): PreflightError =>
    new PreflightError(`this load costs $${usdUp(least)} at the least, and --max-cost is ${cap}`, {
      hint:
        `Within --max-cost ${usdUp(least)} it could begin, and within ${usdUp(enough)} come to its end` +
        `${share === null ? '' : `; ${Math.round(share * 100)} % of its arrival rates could begin within ${cap}`}. No request was sent.`,
    }),
  lifetime: (seconds: number, { startUp, drain }: { startUp: number; drain: number }): PreflightError =>
    new PreflightError(
      `a worker that lives ${seconds} s has no time to send: ${startUp} s to start and ${drain} s to drain come off it`,
      {
        hint: "The drain covers the script's longest think time and timeout; shorten those, or lengthen --worker-lifetime.",
      },
    ),
  noArrivals: (seed: number): PreflightError =>
    new PreflightError(`the phases' Poisson draws come to no arrivals with seed ${seed}`, {
      hint: 'No request was sent. Ask for more load, or give another --seed.',
    }),
  limit: (what: string, asked: number, limit: number, hint: string): PreflightError =>
    new PreflightError(`the script's limit for ${what} is ${limit}, and this run would have ${asked}`, { hint }),
  start: (message: string): PreflightError =>
    new PreflightError(`a worker could not start: ${message}`, { hint: 'No request was sent.' }),
  startDeadline: (ready: number, asked: number, seconds: number): PreflightError =>
    new PreflightError(`${ready} of ${asked} workers were ready after ${seconds} s`, {
      hint: 'No request was sent. `config.slsart.quorum` says which share of them is enough.',
    }),
  clock: (seconds: number): PreflightError =>
    new PreflightError(`this machine's clock is ${seconds.toFixed(1)} s behind the workers'`, {
      hint: 'Set it: all workers begin at a moment of this clock. No request was sent.',
    }),
  hook: (name: string, message: string): PreflightError =>
    new PreflightError(`\`${name}\` failed: ${message}`, {
      hint: name === 'before' ? 'No virtual user was launched.' : 'The load was over by then.',
    }),
  folder: (path: string, cause: unknown): PreflightError =>
    new PreflightError(`cannot write the run's folder ${path}: ${reasonText(cause)}`, {
      hint: 'No request was sent. Run from a folder that can be written.',
      cause,
    }),
} as const
