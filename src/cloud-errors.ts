/** What can go wrong between a run and the cloud, in words: more of errors.ts. */
import { oneLine, PreflightError } from './errors.ts'

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
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`

export const startErrors = {
  oversize: ({ bytes, shares }: Oversize, limit: number): PreflightError => {
    const most = shares.slice(0, 2).map((share) => `${megabytes(share.bytes)} of it ${startParts[share.what][0]}`)
    const [largest] = shares
    return new PreflightError(
      `what a worker is started with is ${megabytes(bytes)}, and the platform takes ${megabytes(limit)}: ${most.join(', ')}`,
      { hint: largest ? `No request was sent. ${startParts[largest.what][1]}` : 'No request was sent.' },
    )
  },
} as const
