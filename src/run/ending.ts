/** Exit codes, and which one is shown when several apply. */
import type { ExitCode } from '../errors.ts'
import { isSpent, type Reason, type StoppedBy, type Verdict } from '../measure/verdict.ts'

/** Most severe first: what the user did himself says more than what follows from it. */
const severity: readonly ExitCode[] = [1, 2, 3, 4, 130, 143, 20, 13, 11, 12, 10, 14, 15, 0]

const STOPPED: Record<StoppedBy, ExitCode> = {
  ...{ SIGINT: 130, SIGTERM: 143, SIGHUP: 143, order: 20, lease: 20, budget: 13 },
}

export function exitFor({ result, reasons }: Verdict): { code: ExitCode; all: ExitCode[] } {
  const codes = new Set<ExitCode>(reasons.flatMap((reason) => codeOf(reason) ?? []))
  if (result === 'inconclusive') codes.add(12)
  if (codes.size === 0) codes.add(0)
  const all = [...codes].toSorted((a, b) => severity.indexOf(a) - severity.indexOf(b))
  return { code: all[0] as ExitCode, all }
}

function codeOf(reason: Reason): ExitCode | null {
  switch (reason.kind) {
    case 'stopped':
      return STOPPED[reason.by]
    case 'aborted':
      return 11
    case 'threshold':
      return reason.relative ? 14 : 10
    case 'expectations':
    case 'suggested':
      return 10
    case 'acceptance':
      return 15
    case 'monitoring':
      return isSpent(reason) ? 15 : null
    default:
      return null
  }
}
