/**
 * What can go wrong before the first request, in words. Four kinds, by exit code; anything else is a bug and exits 1.
 * An ending after the first request is not an error but a value in the verdict (measure/verdict.ts).
 * Sentences for the user live here, in report/advice.ts and in cli/flags.ts, nowhere else.
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

type More = { hint?: string | null; at?: Place | null; cause?: unknown }

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

const list = (words: readonly string[]): string => words.join(', ')
const oneLine = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? ''

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
  notDeployed: (): UsageError =>
    new UsageError('there is no deployed fleet yet in this version', {
      hint: 'Add --local to run the workers as processes on this machine.',
    }),
  noRun: (folder: string, cause: unknown): UsageError =>
    new UsageError(`there is no run in ${folder}: ${oneLine(cause)}`, {
      hint: '`slsart history` lists the runs.',
      cause,
    }),
  unknownRun: (run: string, fits: readonly string[]): UsageError =>
    fits.length === 0
      ? new UsageError(`there is no run "${run}" here`, { hint: '`slsart history` lists the runs.' })
      : new UsageError(`"${run}" may be one of several runs: ${list(fits)}`, { hint: 'Give more of its name.' }),
  noStage: (stage: string, region: string): UsageError =>
    new UsageError(`there is no stage "${stage}" in ${region}`, { hint: '`slsart ls` lists what is deployed.' }),
  notInStore: (): UsageError =>
    new UsageError('there is no such run in the store', { hint: '`slsart history` lists the runs of this folder.' }),
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
  oneWorker: (): UsageError =>
    new UsageError('scenarios are tried out in one worker', { hint: 'Leave --workers out, or --acceptance.' }),
  triedByArtillery: (): UsageError =>
    new UsageError("scenarios are tried out on Artillery's engine, which tells of each step", {
      hint: 'Leave --engine out, or --acceptance.',
    }),
  outputKind: (file: string, known: readonly string[]): UsageError =>
    new UsageError(`cannot tell the format of the output file ${file}`, {
      hint: `Its name must end in ${list(known)}.`,
    }),
  output: (file: string, cause: unknown): UsageError =>
    new UsageError(`cannot write the output file ${file}: ${oneLine(cause)}`, {
      hint: 'No request was sent. Give a path that can be written.',
      cause,
    }),
  lateOutput: (file: string, cause: unknown): UsageError =>
    new UsageError(`the run is over, but ${file} cannot be written: ${oneLine(cause)}`, {
      hint: 'What was measured is in the summary above.',
      cause,
    }),
} as const

/** A refusal of plan/preflight.ts, by its shape: this room may not import that one. */
type Refused = { what: 'workers' | 'starts'; asked: number; fits: number; seconds?: number }

export const refusalText = ({ what, asked, fits, seconds }: Refused): string =>
  what === 'workers'
    ? `the plan needs ${asked} workers at once, there is room for ${fits}: --workers ${fits} or less would fit`
    : `${asked} workers cannot be started in ${seconds} s, ${fits} can: use fewer workers or a longer start-up`

export const preflightErrors = {
  refused: (refusal: Refused): PreflightError =>
    new PreflightError(refusalText(refusal), { hint: 'No request was sent.' }),
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
  hook: (name: string, message: string): PreflightError =>
    new PreflightError(`\`${name}\` failed: ${message}`, {
      hint: name === 'before' ? 'No virtual user was launched.' : 'The load was over by then.',
    }),
  folder: (path: string, cause: unknown): PreflightError =>
    new PreflightError(`cannot write the run's folder ${path}: ${oneLine(cause)}`, {
      hint: 'No request was sent. Run from a folder that can be written.',
      cause,
    }),
} as const

export type StoreAction = 'read' | 'write' | 'list' | 'remove'
type StoreRequest = { action: StoreAction; bucket: string; key: string }
const requestText = ({ action, bucket, key }: StoreRequest): string => `cannot ${action} s3://${bucket}/${key}`

/** What an S3 code means for who reads it; AWS's own message says the rest. */
const storeHints: Record<string, string> = {
  NoSuchBucket: 'Is it deployed? `slsart deploy` makes the bucket.',
  AccessDenied: 'The credentials must be allowed to read, write, list and remove what is below runs/ in the bucket.',
  ExpiredToken: 'The credentials have run out: get new ones.',
  InvalidAccessKeyId: 'AWS does not know these credentials: are they of another account, or removed?',
  SignatureDoesNotMatch: 'The secret key does not belong to the access key.',
  RequestTimeTooSkewed: "This machine's clock is wrong.",
  PermanentRedirect: 'The bucket is in another region.',
}

export const storeErrors = {
  unanswered: (request: StoreRequest, cause: unknown): PreflightError =>
    new PreflightError(`${requestText(request)}: ${oneLine(cause)}`, { cause }),
  refused: (request: StoreRequest, { code, message }: { code: string; message: string }): PreflightError =>
    new PreflightError(`${requestText(request)}: ${code}${message === '' ? '' : `: ${message}`}`, {
      hint: storeHints[code] ?? null,
    }),
} as const

export const settingErrors = {
  wrong: (from: string, found: string, allowed: string, at: Place | null): UsageError =>
    new UsageError(`${from} must be ${allowed}, found ${found}`, { at }),
  unknown: (at: Place, key: string, allowed: readonly string[], near: string | null): UsageError =>
    new UsageError(`unknown setting "${key}"`, {
      at,
      hint: `${near ? `Did you mean "${near}"? ` : ''}Allowed: ${list(allowed)}.`,
    }),
  syntax: (at: Place, message: string): UsageError => new UsageError(message, { at }),
  halfVpc: (): UsageError =>
    new UsageError('a VPC needs both subnets and security groups', {
      hint: 'Give --vpc-subnets and --vpc-security-groups, or neither.',
    }),
  boundaryOfTheirs: (): UsageError =>
    new UsageError('a role of your own has a permissions boundary of its own', {
      hint: 'Leave out --permissions-boundary, or --role-arn.',
    }),
  fileThere: (path: string): UsageError =>
    new UsageError(`${path} is there already`, { hint: 'Edit it, or remove it to have it written anew.' }),
  file: (path: string, cause: unknown): UsageError =>
    new UsageError(`cannot write ${path}: ${oneLine(cause)}`, { cause }),
  unconfirmed: (stack: string): UsageError =>
    new UsageError(`removing ${stack} must be confirmed, and there is no terminal to ask on`, {
      hint: 'Give --yes. Nothing was removed.',
    }),
} as const

/** What a call to AWS came to, by whose fault it was. */
export const awsErrors = {
  noRegion: (cause: unknown): PreflightError =>
    new PreflightError('no AWS region was given', {
      hint: 'Give --region, set AWS_REGION, or name one in your AWS profile.',
      cause,
    }),
  credentials: (message: string, cause: unknown): PreflightError =>
    new PreflightError(`AWS does not accept the credentials, or there are none: ${message}`, {
      hint: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. With SSO: aws sso login.',
      cause,
    }),
  denied: (action: string, region: string, cause: unknown): PreflightError =>
    new PreflightError(`the credentials may not do ${action} in ${region}`, {
      hint: `docs/permissions.md has a policy that allows it. AWS says: ${oneLine(cause)}`,
      cause,
    }),
  unreachable: (asked: { service: string; region: string }, message: string, cause: unknown): PreflightError =>
    new PreflightError(`cannot reach AWS ${asked.service} in ${asked.region}: ${message}`, {
      hint: 'Is there a network, and is it the right region?',
      cause,
    }),
  failed: (asked: { service: string; call: string }, message: string, cause: unknown): DeployError =>
    new DeployError(`AWS ${asked.service} refused ${asked.call}: ${message}`, { cause }),
} as const

type Failure = { resource: string; reason: string | null } | null
const failureText = (failure: Failure): string =>
  failure === null ? 'CloudFormation gives no reason' : `${failure.resource}: ${failure.reason ?? 'no reason given'}`

export const deployErrors = {
  stuck: (stack: string, status: string): DeployError =>
    new DeployError(`the stack ${stack} is in the state ${status}, which cannot be updated`, {
      hint: 'Remove it with `slsart remove` and deploy again. The records of its runs go with it.',
    }),
  changeSet: (stack: string, reason: string): DeployError =>
    new DeployError(`CloudFormation cannot plan the change of ${stack}: ${reason}`, { hint: 'Nothing was changed.' }),
  rolledBack: (stack: string, status: string, failure: Failure): DeployError =>
    new DeployError(`the change of the stack ${stack} failed. ${failureText(failure)}`, {
      hint: /^UPDATE_ROLLBACK_COMPLETE$/.test(status)
        ? 'It is as it was before.'
        : /^(DELETE_COMPLETE|ROLLBACK_COMPLETE)$/.test(status)
          ? 'What had been made was deleted again.'
          : `It was left in the state ${status}.`,
    }),
  function: (name: string, reason: string): DeployError =>
    new DeployError(`Lambda cannot make ${name} ready: ${reason}`, { hint: 'Deploy again once that is mended.' }),
  notDeleted: (stack: string, failure: Failure): DeployError =>
    new DeployError(`the stack ${stack} could not be deleted. ${failureText(failure)}`, {
      hint: 'Mend that, and run `slsart remove` again: it goes on from here.',
    }),
  object: (bucket: string, key: string, reason: string): DeployError =>
    new DeployError(`cannot delete ${key} from the bucket ${bucket}: ${reason}`, {
      hint: 'Mend that, and run `slsart remove` again: it goes on from here.',
    }),
  left: (things: readonly { kind: string; name: string }[]): DeployError =>
    new DeployError(`still there: ${list(things.map(({ kind, name }) => `the ${kind} ${name}`))}`, {
      hint: 'These belong to no stack. Delete them by hand: nothing of slsart knows what else they are used for.',
    }),
} as const

export const credentialErrors = {
  none: (tried: { profile: string | null; keys: boolean; secret: boolean }, cause: unknown): PreflightError => {
    const half = tried.keys !== tried.secret ? ' (one of the two is set)' : ''
    const profile = tried.profile === null ? 'the profile "default"' : `the profile "${tried.profile}" (AWS_PROFILE)`
    return new PreflightError(`no AWS credentials were found: ${oneLine(cause)}`, {
      hint: `Tried: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY${half}, ${profile} of ~/.aws with its SSO and process, a web identity token, the container's and the machine's role.`,
      cause,
    })
  },
} as const

export const limitErrors = {
  unanswered: (region: string, cause: unknown): PreflightError =>
    cause instanceof PreflightError
      ? cause
      : new PreflightError(`Lambda in ${region} does not say how many workers it has room for: ${oneLine(cause)}`, {
          hint: 'Needed: lambda:GetAccountSettings, and lambda:GetFunctionConcurrency of the function. No request was sent.',
          cause,
        }),
} as const

type OfFunction = { function: string; version: string; region: string }

/** Why a worker on Lambda is over. `seconds` of a throttle: how long starting it was tried. */
export type Loss =
  | { kind: 'returned' }
  | { kind: 'dropped' }
  | { kind: 'throttled'; reason: string; seconds: number }
  | ({ kind: 'denied'; code: string; message: string } & OfFunction)
  | ({ kind: 'missing' } & OfFunction)
  | { kind: 'refused'; status: number; code: string; message: string }
  | { kind: 'too large'; bytes: number; limit: number; part: { name: string; bytes: number } }
  | { kind: 'unreached' | 'cut'; cause: string }
  | { kind: 'timed out'; seconds: number | null }
  | { kind: 'out of memory'; memory: number | null }
  | { kind: 'init' | 'failed'; code: string; message: string }
  | { kind: 'wrong architecture'; message: string }

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`

function lossSentence(loss: Loss): string {
  switch (loss.kind) {
    case 'returned':
      return 'its function returned'
    case 'dropped':
      return 'it was given up'
    case 'throttled':
      return `Lambda throttled its start for ${loss.seconds.toFixed(0)} s (${loss.reason}): the account's or the function's concurrency is used up`
    case 'denied':
      return `Lambda denied access to ${loss.function}, version ${loss.version} (${loss.code}: ${loss.message}): lambda:InvokeFunction is needed`
    case 'missing':
      return `there is no function ${loss.function} with version ${loss.version} in ${loss.region}: \`slsart deploy\` makes it`
    case 'refused':
      return `Lambda answered ${loss.status}${loss.code === '' ? '' : ` ${loss.code}`}${loss.message === '' ? '' : `: ${loss.message}`}`
    case 'too large':
      return `its event is ${megabytes(loss.bytes)} and Lambda takes ${megabytes(loss.limit)}: the largest part is ${loss.part.name}, ${megabytes(loss.part.bytes)}`
    case 'unreached':
      return `Lambda could not be reached: ${loss.cause}`
    case 'cut':
      return `its stream was cut: ${loss.cause}`
    case 'timed out':
      return `its function timed out${loss.seconds === null ? '' : ` after ${loss.seconds} s`}`
    case 'out of memory':
      return `its function ran out of memory${loss.memory === null ? '' : ` (${loss.memory} MB)`}: deploy with more --memory, or use more workers`
    case 'init':
      return `its function could not be loaded (${loss.code}: ${loss.message})`
    case 'failed':
      return `its function failed (${loss.code}: ${loss.message})`
    case 'wrong architecture':
      return `its code is built for another architecture than the function's (${loss.message}): see --arch`
  }
}

/** On one line. `tail`: what the function wrote last. */
export const lossText = (loss: Loss, tail: readonly string[]): string =>
  `${lossSentence(loss)}${tail.length === 0 ? '' : `; its log ends: ${tail.join(' / ')}`}`.replaceAll(/\s*\n\s*/g, ' ')

export const fleetNotes = {
  noStreams: (region: string): string =>
    `Lambda in ${region} knows no response streams: what workers measure arrives through the bucket, every 2 s.`,
} as const

export const logsErrors = {
  unread: (group: string, cause: unknown): PreflightError =>
    new PreflightError(`the log group ${group} cannot be read: ${oneLine(cause)}`, {
      hint: 'Needed: logs:FilterLogEvents on it. A group is gone with its stage, and its lines after the days of its retention.',
      cause,
    }),
} as const
