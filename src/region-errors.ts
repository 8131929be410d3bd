/** What is said of runs that are dealt to several regions. */
import { list, oneLine, PreflightError, refusalText, type SlsartError, UsageError } from './errors.ts'

const WEIGHT = 'a region with or without a weight from 1 to 999, such as eu-west-1 or eu-west-1=2'

/** A region that cannot start, and why: nothing was asked of its workers. */
export type Unable = { region: string; why: string }

const unableText = ({ region, why }: Unable): string => `${region} cannot start: ${why}`

export const regionErrors = {
  wrong: (found: string): UsageError => new UsageError(`--region must be ${WEIGHT}, found "${found}"`),
  twice: (region: string): UsageError =>
    new UsageError(`the region ${region} was given twice`, {
      hint: `Give it once, with a weight: --region ${region}=2.`,
    }),
  one: (flag: string): UsageError =>
    new UsageError(`${flag} is of one region, and several were given`, {
      hint: 'Give --region once, or leave it out.',
    }),
  tooFew: (workers: number, region: string, least: number): PreflightError =>
    new PreflightError(`${workers === 1 ? 'one worker leaves' : `${workers} workers leave`} ${region} none`, {
      hint: `By these weights --workers ${least} is the least that gives every region one. No request was sent.`,
    }),
  unable: (those: readonly Unable[], of: number): PreflightError =>
    new PreflightError(those.map(unableText).join('; '), {
      hint:
        those.length === of
          ? 'No region is left. No request was sent.'
          : 'Mend that, leave the region out, or give --redeal, which deals its share to the others. No request was sent.',
    }),
} as const

/** Why a region is refused that was asked, in one line with its way out. */
export const unableBy = (error: SlsartError): string => {
  const hint = (error.hint ?? '').replace(/ ?No request was sent\.$/, '')
  return hint === '' ? oneLine(error) : `${oneLine(error)} (${hint.replace(/\.$/, '')})`
}

/** A refusal of plan/preflight.ts that is of one region. */
type Refused = Parameters<typeof refusalText>[0] & { region?: string }

export function regionRefusalText({ region, ...refused }: Refused): string {
  if (region === undefined) return refusalText(refused)
  const { what, asked, fits, seconds } = refused
  return what === 'workers'
    ? `its share is ${asked} workers at once, and it has room for ${fits}`
    : `${asked} of its workers cannot be started in ${seconds} s, ${fits} can`
}

/** Why a worker is gone, and where. */
export const regionReason = (region: string, reason: string): string => `in ${region}: ${reason}`

/** Of regions that are left out. */
export const redealtText = (those: readonly Unable[], others: readonly string[]): string =>
  `${those.map(unableText).join('; ')}. ${those.length === 1 ? 'Its share goes' : 'Their shares go'} to ${list(others)}`
