/** Exit codes, and which one is shown when several apply. */
import type { ExitCode } from '../errors.ts'
import type { Verdict } from '../measure/verdict.ts'

/** Most severe first: what the user did himself says more than what follows from it. */
const severity: readonly ExitCode[] = [1, 2, 3, 4, 130, 143, 20, 13, 11, 12, 10, 14, 15, 0]

export function exitFor({ result, reasons }: Verdict): { code: ExitCode; all: ExitCode[] } {
  const codes: ExitCode[] = result === 'inconclusive' ? [12] : []
  for (const reason of reasons) {
    if (reason.kind === 'stopped') codes.push(reason.by === 'SIGINT' ? 130 : 143)
    if (['threshold', 'expectations', 'suggested'].includes(reason.kind) && !codes.includes(10)) codes.push(10)
  }
  if (codes.length === 0) codes.push(0)
  const all = codes.toSorted((a, b) => severity.indexOf(a) - severity.indexOf(b))
  return { code: all[0] as ExitCode, all }
}
