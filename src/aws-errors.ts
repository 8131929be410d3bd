/** What can go wrong with AWS, in words: before, beside and instead of a run there. The kinds and their exit codes are in errors.ts. */
import { DeployError, list, oneLine, type Place, PreflightError, UsageError } from './errors.ts'

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
  | { kind: 'too large'; size: Oversize; limit: number }
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
      return `Lambda denied access to ${loss.function}, version ${loss.version} (${loss.code}: ${loss.message})${loss.code.startsWith('AccessDenied') ? ': lambda:InvokeFunction is needed' : ''}`
    case 'missing':
      return `there is no function ${loss.function} with version ${loss.version} in ${loss.region}: \`slsart deploy\` makes it`
    case 'refused':
      return `Lambda answered ${loss.status}${loss.code === '' ? '' : ` ${loss.code}`}${loss.message === '' ? '' : `: ${loss.message}`}`
    case 'too large':
      return oversizeText(loss.size, loss.limit)
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
  notCleared: (problem: string): string => `what the run left in the bucket is still there: ${problem}`,
  noStreams: (region: string): string =>
    `Lambda in ${region} knows no response streams: what workers measure arrives through the bucket, every 2 s.`,
} as const

/** A refusal of wire/start.ts, by its shape. */
type Oversize = { bytes: number; shares: readonly { what: keyof typeof startParts; bytes: number }[] }
const startParts = {
  script: ['the script', 'Move long bodies into files that a processor reads: `config.includeFiles` has them travel.'],
  variables: [
    '`config.variables`',
    'Put the values into a data file: the rows of `config.payload` travel by the bucket.',
  ],
  vars: [
    'what `before` has set',
    'Every worker gets all of it: keep what virtual users do not read out of `context.vars`.',
  ],
  env: ['the environment variables', 'Leave out of --dotenv what workers do not read.'],
  profile: ['the load profile', 'Describe the load with fewer phases.'],
  parts: ['code and data', 'They can travel by the bucket instead.'],
} as const

function oversizeText({ bytes, shares }: Oversize, limit: number): string {
  const most = shares.slice(0, 2).map((share) => `${megabytes(share.bytes)} of it ${startParts[share.what][0]}`)
  return `what a worker is started with is ${megabytes(bytes)}, and the platform takes ${megabytes(limit)}: ${most.join(', ')}`
}

export const startErrors = {
  oversize: (size: Oversize, limit: number): PreflightError => {
    const [largest] = size.shares
    return new PreflightError(oversizeText(size, limit), {
      hint: largest ? `No request was sent. ${startParts[largest.what][1]}` : 'No request was sent.',
    })
  },
} as const

export const detachErrors = {
  here: (flag: string): UsageError =>
    new UsageError(`${flag} needs a command that stays, and --detach is to leave`, { hint: `Leave out one of them.` }),
  ephemeral: (): UsageError =>
    new UsageError('a detached run is told of by what it leaves in the bucket, and --ephemeral leaves nothing'),
  noMachine: (stage: string): PreflightError =>
    new PreflightError(`the stage ${stage} has no state machine to run it`, {
      hint: 'Stages that were deployed with --role-arn have none, and those of earlier versions: `slsart deploy` makes it. No request was sent.',
    }),
  hooks: (): PreflightError =>
    new PreflightError('`before` and `after` are run by the command, and nobody stays for them', {
      hint: 'Run the script without --detach. No request was sent.',
    }),
  plugins: (names: readonly string[]): PreflightError =>
    new PreflightError(`half of a plugin lives in the command, which is to leave: ${list(names)}`, {
      hint: 'Run the script without --detach. No request was sent.',
    }),
  aborts: (): PreflightError =>
    new PreflightError('`abortOnFail` is looked at by the command while the load is on, and nobody stays to look', {
      hint: 'Leave it out (thresholds are judged at the end of a detached run too), or run without --detach. No request was sent.',
    }),
  cap: (cap: number, most: number): PreflightError =>
    new PreflightError(`nobody stays to end a detached run early, and this one may cost up to $${most.toFixed(2)}`, {
      hint: `--max-cost is ${cap}: raise it, or run without --detach, which ends the load in time. No request was sent.`,
    }),
  local: (): PreflightError =>
    new PreflightError('its workers are processes of this machine, and end with this command'),
  trial: (): PreflightError => new PreflightError('it only tries the scenarios out, and is soon over'),
  early: (): PreflightError => new PreflightError('its load has not begun'),
  late: (): PreflightError => new PreflightError('its load is over, or was told to end'),
  paused: (): PreflightError => new PreflightError('its load stands still: resume it first'),
  start: (machine: string, cause: unknown): PreflightError =>
    new PreflightError(`${machine} could not be started: ${oneLine(cause)}`, {
      hint: 'Needed: states:StartExecution on it. No request was sent.',
      cause,
    }),
} as const

export const logsErrors = {
  unread: (group: string, cause: unknown): PreflightError =>
    new PreflightError(`the log group ${group} cannot be read: ${oneLine(cause)}`, {
      hint: 'Needed: logs:FilterLogEvents on it. A group is gone with its stage, and its lines after the days of its retention.',
      cause,
    }),
} as const
