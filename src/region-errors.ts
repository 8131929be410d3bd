/** What is said of runs that are dealt to several regions. */
import { PreflightError, refusalText, UsageError } from './errors.ts'

const WEIGHT = 'a region with or without a weight from 1 to 999, such as eu-west-1 or eu-west-1=2'

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
} as const

/** A refusal of plan/preflight.ts that is of one region. */
type Refused = Parameters<typeof refusalText>[0] & { region?: string }

export function regionRefusalText({ region, ...refused }: Refused): string {
  if (region === undefined) return refusalText(refused)
  const { what, asked, fits, seconds } = refused
  return what === 'workers'
    ? `its share is ${asked} workers at once, and it has room for ${fits}`
    : `${asked} of its workers cannot be started in ${seconds} s, ${fits} can`
}
