/** What is said of a run that goes on without its command. */
import type { Millis } from '../units.ts'

type Where = { stage: string; region: string; t0: Millis; end: Millis }

const clockTime = (at: Millis): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

export function detachedText(run: string, { stage, region, t0, end }: Where): string {
  const of = `${run} --stage ${stage} --region ${region}`
  return [
    `run ${run} goes on by itself on the stage ${stage} in ${region}`,
    `load       from ${clockTime(t0)}, and over by ${clockTime(end)} at the latest`,
    `watch      slsart attach ${of}`,
    `results    slsart report ${of}`,
    `end early  slsart kill ${of}`,
  ].join('\n')
}
