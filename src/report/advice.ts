/** Every sentence that the program says about a script before it runs, and about a finished run. */
import { pathText } from '../errors.ts'
import type { Latency } from '../measure/summary.ts'
import type { Cause } from '../measure/trust.ts'
import type { Reason, StoppedBy, Verdict } from '../measure/verdict.ts'
import type { Epoch } from '../plan/epochs.ts'
import type { Price } from '../plan/price.ts'
import type { Machine } from '../plan/tariff.ts'
import { roundSentence } from '../round-texts.ts'
import type { Happening } from '../run/happenings.ts'
import type { Standing } from '../run/standing.ts'
import type { EngineReason, Shape } from '../scenario/engine.ts'
import type { Note } from '../scenario/notes.ts'
import { leadingTo, placeText, type Stranger } from '../target-errors.ts'
import { grouped, type Micros, type Millis, microsToMillis, type Usd } from '../units.ts'
import type { LogLine } from '../wire/loglines.ts'
import { hookIndex } from '../wire/start.ts'
import { int, usd } from './cells.ts'
import type { Capped } from './plan.ts'
import type { LeftOut } from './results.ts'
import type { ReportJson } from './schema.ts'

export const plural = (n: number, word: string): string => `${grouped(n)} ${word}${n === 1 ? '' : 's'}`
const time = (micros: Micros): string => {
  const millis = microsToMillis(micros)
  return millis >= 10_000 ? `${(millis / 1000).toFixed(1)} s` : `${millis.toFixed(millis < 10 ? 2 : 0)} ms`
}

const SHORT: Record<Exclude<Cause, 'lateness'>, string> = {
  cpu: 'over 90 % of the processor',
  sockets: 'over 90 % of the files that may be open',
  ports: 'all local ports',
}

/** What a run will cost on Lambda, before it runs; null: nobody has recorded its region's prices. */
export function priceText(price: { low: Price; expected: Price } | null, machine: Machine, workers: number): string {
  const regions = [machine, ...(machine.others ?? [])].map(({ region }) => region).join(' + ')
  const where = `${int(workers)} worker${workers === 1 ? '' : 's'} on Lambda (${regions}, ${machine.arch}, ${int(machine.memoryMb)} MB)`
  return price === null
    ? `${where}: the price in ${regions} is not known`
    : `${where}: ${usd(price.low.usd)} to ${usd(price.expected.usd)}`
}

/** What a plan has to do with --max-cost. */
export function cappedText({ usd: cap, enough, refused }: Capped): string {
  if (refused !== null) return `Would be refused: ${refused}.`
  if (enough === null) return `--max-cost ${cap} would be held: workers on this machine cost nothing.`
  return enough <= cap
    ? `--max-cost ${cap} lets it come to its end.`
    : `--max-cost ${cap} may end it early: ${usd(enough)} would surely do.`
}

/** When a run may not cost what it may come to. */
export const capText = (cap: Usd, expected: Usd, enough: Usd): string =>
  `this load is expected to cost ${usd(expected)}, and must be ended early if it would cost more than ${usd(cap)}: ${usd(enough)} would surely do`

/** Asks whether a run may go where nobody has said that it may. */
export const aimText = (strangers: readonly Stranger[]): string =>
  [
    ...strangers.map(({ host, addresses, at }) => `${placeText(at)}: ${leadingTo(host, addresses)}`),
    'This is not this machine, nor a private address. The load would be real: is that yours to test?',
    'Send it there, and do not ask again in this project? [y/N] ',
  ].join('\n')

const REFUSED = {
  SLSART_TARGET:
    'SLSART_TARGET: the workers connect to no host that is not listed. `slsart logs` names those that were; --allow HOST lists one.',
  SLSART_METADATA:
    "SLSART_METADATA: something led to a cloud's metadata service or to a link-local address. Workers never connect to them; `slsart logs` has the names.",
}

/** What to do about errors of some codes, each sentence once. Some engines count what an error says for its code. */
export const errorsAdvice = (codes: readonly string[]): string[] =>
  Object.entries(REFUSED).flatMap(([code, text]) => (codes.some((found) => found.includes(code)) ? [text] : []))

const stoppedText = (by: StoppedBy): string => {
  if (by === 'order') return 'from elsewhere'
  if (by === 'budget') return 'by its budget (--max-cost)'
  return by === 'lease' ? 'by its workers, which no command led any longer,' : `by ${by}`
}

export function sentence(reason: Reason): string {
  switch (reason.kind) {
    case 'stopped':
      return `The run was stopped ${stoppedText(reason.by)} before its end.`
    case 'ledger': {
      const l = reason.ledger
      return (
        `The ledger does not balance: due ${l.due} = launched ${l.launched} + skipped ${l.skipped} + lost ${l.lost}, ` +
        `launched = completed ${l.completed} + failed ${l.failed} + unfinished ${l.unfinished}.`
      )
    }
    case 'lost-workers':
      return `${reason.lost} of ${plural(reason.planned, 'worker')} lost (${reason.why}); what they were due counts as lost. See the run's logs.`
    case 'cut-off':
      return `${plural(reason.unfinished, 'virtual user')} had not come to an end when the time to drain was over, and were cut off.`
    case 'missing-frames':
      return `${plural(reason.frames, 'frame')} of measurements never arrived.`
    case 'late': {
      const of = `${plural(reason.arrivals, 'arrival')} of ${grouped(reason.of)}`
      const short = reason.causes.filter((cause) => cause !== 'lateness').map((cause) => SHORT[cause])
      const how = reason.causes.includes('lateness')
        ? `started ${of} late: lateness p99 ${time(reason.latenessP99)}, max ${time(reason.latenessMax)}`
        : `launched ${of} without room to spare`
      return (
        `${plural(reason.workers, 'worker')} ${how}${short.length > 0 ? `, with ${short.join(' and ')} in use` : ''}. ` +
        `Response times include it. Use more workers or cores, or a lower arrival rate.${refusedText(reason.refused)}`
      )
    }
    case 'gaps': {
      const { workers, replaced, lost, of, why } = reason
      const who =
        replaced === 0
          ? `${plural(workers, 'worker')} began late, or ended early`
          : `${plural(replaced, 'worker')} ${replaced === 1 ? 'was' : 'were'} replaced (${why})`
      return `${who}: ${plural(lost, 'arrival')} of ${grouped(of)} came in nobody's time, and ${lost === 1 ? 'is' : 'are'} lost.`
    }
    case 'silent':
      return (
        `${plural(reason.workers, 'worker')} stood still for over 5 s and launched ${plural(reason.arrivals, 'arrival')} of ` +
        `${grouped(reason.of)} then or afterwards. Response times include it.`
      )
    case 'no-response':
      return reason.requests === 0
        ? `${plural(reason.failed, 'virtual user')} failed before the first request: nothing was measured. See the errors above.`
        : `None of ${plural(reason.requests, 'request')} was answered: nothing was measured but errors. Is the target up?`
    case 'threshold': {
      const seen = Object.entries(reason.observed).map(([name, value]) => `${name} was ${value ?? 'not measured'}`)
      const when = reason.at === null ? '' : ` from ${reason.at.from} s to ${reason.at.to} s`
      return `${reason.said} did not hold${when}: ${seen.join(', ')}.`
    }
    case 'expectations':
      return `${plural(reason.failed, 'expectation')} of ${grouped(reason.of)} failed.`
    case 'suggested':
      return `The script's own code, or a plugin of it, suggested the exit code ${reason.code}.`
    case 'record':
      return `Not all of the run could be kept (${reason.message}): the series, and whatever is made from its record, may be cut short.`
    case 'acceptance':
      return `${plural(reason.failed, 'step')} of ${reason.of} failed, in ${reason.scenarios.join(', ')}.`
    case 'monitoring':
      return roundSentence(reason)
    case 'aborted':
      return `The load was ended ${reason.at} s into the run, because ${reason.said} did not hold.`
    case 'record-cut':
      return `The record ends ${reason.at.toFixed(1)} s into the run: what came after is missing here, and counts as lost.`
  }
}

/** Errors of requests that are no answer of the target. */
const refusedText = (refused: number): string =>
  refused === 0
    ? ''
    : ` ${plural(refused, 'connection')} could not be opened, because this machine had no file or local port left (EMFILE, ENFILE, ` +
      "EADDRNOTAVAIL): those errors are the generator's own. More machines, or `http.pool`, have room for more."

const FEW = 5
const WHO: Partial<Record<Standing, string>> = {
  ok: 'ok again',
  late: 'late: starts late, or is short of processor, sockets or ports',
  silent: 'silent: no frame for over 5 s',
  lost: 'lost: what was due there counts as lost',
}

const ORDINAL: Readonly<Record<number, string>> = { 2: 'second', 3: 'third' }

/** What happened in a run, in a line. */
export function happeningText(happening: Happening): string {
  switch (happening.kind) {
    case 'phase':
      return `phase "${happening.name}" begins`
    case 'workers': {
      const { slices, now } = happening
      const some = slices.slice(0, FEW).join(', ')
      const who = slices.length > FEW ? `${plural(slices.length, 'worker')} (${some}, …)` : `worker ${some}`
      return `${who} ${WHO[now] ?? now}`
    }
    case 'threshold':
      return `threshold ${happening.said} ${happening.ok ? 'holds again' : 'does not hold'}`
    case 'tripped':
      return `the load was ended: ${happening.said} did not hold`
    case 'stopped':
      return happening.again ? `stopped at once ${stoppedText(happening.by)}` : `stopped ${stoppedText(happening.by)}`
    case 'fault':
      return `worker ${happening.slice}: ${happening.message}`
    case 'again':
      return `worker ${happening.slice} is gone (${happening.reason}), and tried again`
    case 'joined': {
      const { slice, attempt, from } = happening
      return attempt === 1
        ? `worker ${slice} begins late, at ${from.toFixed(1)} s`
        : `worker ${slice} goes on at ${from.toFixed(1)} s, in its ${ORDINAL[attempt] ?? `${attempt}th`} attempt`
    }
    case 'steered':
      return `load ${epochText(happening.epoch)} from ${happening.epoch.at.toFixed(1)} s on`
    case 'over':
      return 'the run is over'
  }
}

type Passed = { thresholds: readonly { ok: boolean }[]; tried: boolean; sampled: boolean; reasons: number }

/** The verdict in a sentence; its reasons come after it. `tried`: scenarios were tried out once each; `sampled`: in a monitoring round. */
export function verdictText(result: Verdict['result'], { thresholds, tried, sampled, reasons }: Passed): string {
  if (result === 'fail') return 'What was asked of this run did not hold.'
  if (result === 'inconclusive') return 'Neither a pass nor a failure: this run does not show what it was to show.'
  if (tried) return 'Every scenario was tried out once, and every step held.'
  if (sampled) return 'Every scenario was sampled, and the error budget is not spent.'
  const held = thresholds.every(({ ok }) => ok)
    ? 'Every threshold held.'
    : 'Every threshold held but some that are optional.'
  const asked = thresholds.length === 0 ? 'No threshold was set, and nothing failed.' : held
  return reasons === 0
    ? `${asked} The whole load was sent and measured.`
    : `${asked} Still, there is something to know.`
}

const TRUST: Record<Verdict['trust'], string> = {
  trusted: 'The workers kept up with the load: response times are not of their making.',
  degraded: 'Some workers did not keep up with the load: part of what is slow here may be theirs.',
  invalid: 'Too many workers did not keep up with the load: these numbers say little about the target.',
}
export const trustText = (trust: Verdict['trust']): string => TRUST[trust]

/** What the workers that were not ok make of the result. */
export function leftOutText({ workers, response }: LeftOut, all: Latency): string {
  const who = workers.length > 3 ? `the ${workers.length} workers that were not ok` : `worker ${workers.join(', ')}`
  const brief = ({ p50, p99 }: Latency): string => `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`
  return `Without ${who} response times are ${brief(response)}; with all workers ${brief(all)}.`
}

export function epochText(epoch: Epoch): string {
  switch (epoch.kind) {
    case 'scale':
      return `to ${Math.round(epoch.scale * 100)} % of the script's`
    case 'pause':
      return 'paused'
    case 'resume':
      return 'resumed'
    case 'end-phase':
      return "brought to its phase's end"
  }
}

const seconds = (millis: Millis): string => `${(millis / 1000).toFixed(1)} s`

/** How the workers of a run on Lambda came to their beginning. */
export function startText({ ready_ms, skew_ms }: ReportJson['workers']['start']): string {
  const ready =
    ready_ms === null
      ? 'nobody heard when workers were ready'
      : `ready ${seconds(ready_ms.min)} (min), ${seconds(ready_ms.p50)} (median), ${seconds(ready_ms.max)} (max) after their launch`
  return skew_ms === null ? ready : `${ready}; skew ${skew_ms} ms`
}

/** What a run cost. */
export function costText(
  { estimated, actual, atLeast, atMost, cap, billed }: NonNullable<ReportJson['costUsd']>,
  region: string,
): string {
  const time = `${plural(billed.workers, 'worker')} billed ${grouped(billed.seconds, 1)} s`
  if (atLeast === null) return `${time}; the price in ${region} is not known`
  const plan = `${estimated === null ? '' : `, ${usd(estimated)} was estimated`}${cap === null ? '' : `, ${usd(cap)} was allowed`}`
  if (actual !== null) return `${usd(actual)} for ${time}${plan}`
  const most = atMost === null ? '' : `: at most ${usd(atMost)} in all`
  return `at least ${usd(atLeast)} for ${time}; Lambda has not said what it bills ${plural(billed.unknown, 'other')}${most}${plan}`
}

/** What CloudWatch counted. */
export function countedText(counted: NonNullable<ReportJson['platform']>['counted'], run: string): string {
  const again = `\`slsart report ${run}\` asks again`
  if (counted === null) return `CloudWatch has not been asked, or did not answer: ${again}`
  const { invocations, errors, throttles, concurrent, duration_ms, isWhole } = counted
  const said = [
    plural(invocations, 'invocation'),
    plural(errors, 'error'),
    plural(throttles, 'throttle'),
    ...(concurrent === null ? [] : [`at most ${grouped(concurrent)} at once`]),
    ...(duration_ms === null ? [] : [`the longest ${seconds(duration_ms)}`]),
  ].join(', ')
  return isWhole ? said : `${said}; it is a minute or two behind and has not counted all of the run yet: ${again}`
}

/** Why a run's numbers did not go to CloudWatch, or come from it. */
export function cloudWatchText(what: 'publish' | 'count', cause: unknown): string {
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}`.split('\n')[0] : String(cause)
  return what === 'publish'
    ? `the run's metrics were not published to CloudWatch (${why})`
    : `CloudWatch did not say what Lambda counted (${why})`
}

export const withoutStoreText = (why: string): string =>
  `the record was cut off, and its store cannot be read: what follows is what is here (${why})`

const HOOKS = Object.fromEntries(Object.entries(hookIndex).map(([name, index]) => [index, name]))

/** A line of a worker's log. */
export function logLineText({ at, slice, attempt, text }: LogLine): string {
  const time = at === null ? '' : `${new Date(at).toISOString().slice(11, 23)}  `
  return `${time}${HOOKS[slice] ?? `worker ${slice}`}${attempt === 1 ? '' : ` (attempt ${attempt})`}  ${text}`
}

export const NO_LOGS = 'no worker of this run has logged anything'

const SHAPES: Record<Shape, string> = {
  never: 'nothing',
  text: 'a text',
  flag: 'true or false',
  number: 'a number',
  map: 'a map',
  'map or list': 'a map or a list',
}

/** Why a scenario gets the engine that it gets. */
export function engineText(reason: EngineReason): string {
  switch (reason.kind) {
    case 'proven':
      return "everything in it is proven to be done as Artillery's engine does it"
    case 'asked':
      return 'asked for with --engine'
    case 'acceptance':
      return 'it tells of each step when scenarios are tried out'
    case 'engine':
      return `its engine is ${reason.name}, and ours does http only`
    case 'proxy':
      return `${reason.variable} is set, and only Artillery's engine goes through proxies`
    case 'plugin':
      return `the plugin "${reason.name}" from npm was made for Artillery's engine`
    case 'target':
      return `${pathText(reason.path)} is no address of http or https`
    case 'order':
      return `${pathText(reason.path)} is not the first key of its step, which Artillery takes for the method`
    case 'option':
      return `${pathText(reason.path)} is outside what our engine does`
    case 'value':
      return `${pathText(reason.path)} is not ${SHAPES[reason.shape]}`
  }
}

const NOTES: Record<Note, string> = {
  arrivals: "Arrivals are exact; Artillery's timer adds some, or cannot do fractions of a virtual user a second.",
  ramps: "A ramp rises steadily, and its arrivals add up to its area; Artillery's goes in steps of a second.",
  rows: 'Rows in sequence start with the first; Artillery loses one for each scenario that has a weight.',
  weights: 'A fraction of a weight counts; Artillery cuts it off.',
  think: 'A fraction of a second of think time is waited; Artillery waits next to nothing.',
  probability: '`probability: 100` is always; Artillery skips one in a hundred.',
  never: 'In `ensure`, what never happens counts as 0; Artillery fails the check.',
  parallel:
    'Requests in `parallel` wait for each other, as in Artillery: a virtual user has one connection. Set `config.http.pool` to let them overlap.',
}

/** What is mended says so, since a comparison with Artillery will show it. */
export const noteText = (note: Note): string =>
  note === 'parallel' || note === 'arrivals' || note === 'ramps'
    ? NOTES[note]
    : `${NOTES[note]} (--strict-compat: as Artillery)`
