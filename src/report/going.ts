/** Every sentence about a run that goes on elsewhere: what was asked of it, and what came of that. */
import type { Epoch } from '../plan/epochs.ts'
import type { Outcome } from '../run/kill.ts'
import type { Steered } from '../run/request.ts'
import type { Millis } from '../units.ts'
import type { Stop } from '../wire/orders.ts'
import type { Unsteered } from '../wire/steering.ts'
import { epochText, plural } from './advice.ts'

/** What `slsart kill` did, and what became of the run. */
export const killText = {
  over: (run: string): string => `run ${run} is over: there is nothing to stop`,
  asked: (run: string, how: Stop): string =>
    how === 'now'
      ? `run ${run} is told to stop at once: its workers end, and what is in flight is given up`
      : `run ${run} is told to stop: no more requests, and those in flight have 2 s to be answered`,
  outcome(run: string, outcome: Outcome, after: Millis): string {
    const took = `${(after / 1000).toFixed(1)} s after it was told to`
    switch (outcome.kind) {
      case 'over':
        return `run ${run} has ended, ${took}`
      case 'ended':
        return outcome.workers === 0
          ? `the load of run ${run} does not begin: none of its workers had taken its part of it`
          : `the load of run ${run} has ended, ${took}: ${plural(outcome.workers, 'worker')} did. Its command has not said so, and may be gone`
      case 'lapsed':
        return `the load of run ${run} has ended: nobody renewed its workers' lease, which ran out at ${clockTime(outcome.since)}`
      case 'unseen':
        return (
          `the load of run ${run} was told to end, but it was not seen to: ${outcome.open} of ${plural(outcome.of, 'worker')} did not say so. ` +
          `If its command is gone they end at ${clockTime(outcome.until)} at the latest, when their lease has run out; ask again then`
        )
    }
  },
}

/** What `slsart steer` did; and why it could do nothing. */
export const steerText = {
  steered: (run: string, epoch: Epoch): string =>
    `run ${run}: load ${epochText(epoch)}, from second ${epoch.at.toFixed(1)} of the run on`,
  unanswered: (run: string): string =>
    `the command that leads run ${run} did not answer: nothing was done, and nothing will be. It may be gone, or stand still; \`slsart ps\` says so`,
  unsure: (run: string): string =>
    `the command that leads run ${run} has heard of it, and did not say what came of it: its dashboard and its report show how the load is steered`,
}

export const unsteeredText: Record<Unsteered, string> = {
  fixed: 'its workers live shorter than the load, and those of later windows are planned for the load as it is',
  early: 'it has not begun',
  late: 'it ends before all workers would have heard',
  ended: 'it is over, or was told to end',
  paused: 'it is paused already',
  going: 'it is not paused',
  limited: 'it would start more a second than `config.slsart.limits` allows',
  unreadable: 'its command does not know what was asked for, and may be of another version',
}

/** The same of a key that was pressed, in a line of the screen. */
export function steerNotice(steered: Steered): string {
  switch (steered.kind) {
    case 'steered':
      return `Load ${epochText(steered.epoch)} from ${steered.epoch.at.toFixed(1)} s on.`
    case 'refused':
      return `The load is not steered: ${unsteeredText[steered.why]}.`
    case 'over':
      return `The load is not steered: ${unsteeredText.ended}.`
    case 'unanswered':
      return 'Nobody answered: nothing was done, and nothing will be.'
    case 'unsure':
      return 'It was heard, and nobody said what came of it.'
  }
}

/** Why `slsart ps` may not show all there is. */
export const unlistedText = {
  run: (run: string, why: string): string => `whether run ${run} goes on cannot be seen: ${why}`,
  stage: (why: string): string => `the runs of the stage cannot be listed: ${why}`,
} as const

export const joinText = {
  left: (run: string): string => `left run ${run}, which goes on: \`slsart attach ${run}\` joins it again`,
  failed: (why: string): string => `That could not be asked for: ${why}`,
} as const

type Where = { stage: string; region: string; t0: Millis; end: Millis }

export function detachedText(run: string, { stage, region, t0, end }: Where): string {
  const of = `${run} --stage ${stage} --region ${region}`
  return [
    `run ${run} goes on by itself on the stage ${stage} in ${region}`,
    `load       from ${dayTime(t0)}, and over by ${dayTime(end)} at the latest`,
    `watch      slsart attach ${of}`,
    `results    slsart report ${of}`,
    `end early  slsart kill ${of}`,
  ].join('\n')
}

const clockTime = (at: Millis): string => `${new Date(at).toISOString().slice(11, 19)} UTC`
const dayTime = (at: Millis): string => `${new Date(at).toISOString().slice(0, 10)} ${clockTime(at)}`
