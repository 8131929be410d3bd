/** The observers that need no terminal: lines of text, or one JSON object a second. */
import { latency } from '../measure/summary.ts'
import { happeningText } from '../report/advice.ts'
import type { Happening } from '../run/happenings.ts'
import type { Observe } from '../run/live.ts'
import type { Standing } from '../run/standing.ts'
import { countReplaced, countWorkers, ledgerOf, type RunState } from '../run/state.ts'
import type { Seconds } from '../units.ts'
import type { Output } from '../world.ts'

export function observerFor(progress: string, out: Output): Observe {
  if (progress === 'none') return () => {}
  return progress === 'json' ? (state) => out.write(`${JSON.stringify(moment(state))}\n`) : plainLines(out)
}

/** The numbers of this second, under the report's names. */
function moment(state: RunState): object {
  const { totals, plan } = state
  const { response, service, lateness } = Object.fromEntries(
    ['response', 'service', 'lateness'].map((name) => [name, latency(totals.histogram(name))]),
  )
  const count = (what: Standing): number => state.standings.filter((standing) => standing === what).length
  return {
    stage: state.stage,
    at: Math.round(state.at * 10) / 10,
    plan: { arrivals: plan.arrivals, workers: plan.workers },
    epochs: state.epochs,
    ledger: ledgerOf(state),
    workers: {
      planned: state.workers.length,
      reported: countWorkers(state, 'done'),
      late: count('late'),
      silent: count('silent'),
      lost: countWorkers(state, 'lost'),
      replaced: countReplaced(state),
    },
    inFlight: state.workers.reduce((sum, { inFlight }) => sum + inFlight, 0),
    requests: totals.counter('requests'),
    responses: totals.counter('responses'),
    failures: totals.counter('failures'),
    latency_ms: { response, service, lateness },
  }
}

/** How often a line tells how it goes. */
const EVERY: Seconds = 10

/** A line every ten seconds, always of the same parts; what happens is told when it does. */
function plainLines(out: Output): Observe {
  let before = { at: 0, launched: 0, responses: 0 }
  let [told, ready, due]: [Happening | null, number, Seconds] = [null, -1, EVERY]
  return (state) => {
    const { totals, stage, workers, at, log } = state
    // The log forgets its beginning: what was told last may be gone from it.
    const news = log.slice(told === null ? 0 : log.indexOf(told) + 1)
    for (const happening of news) out.write(`${happening.at.toFixed(0)} s: ${happeningText(happening)}\n`)
    told = log.at(-1) ?? null
    if (stage === 'warming') {
      const now = countWorkers(state, 'ready')
      if (now !== ready) out.write(`warming up: ${now} of ${workers.length} workers ready\n`)
      ready = now
      return
    }
    if (at < due) return
    due = (Math.floor(at / EVERY) + 1) * EVERY
    const now = { at, launched: totals.counter('launched'), responses: totals.counter('responses') }
    out.write(`${parts(state, now, before).join(' · ')}\n`)
    before = now
  }
}

type Counted = { at: Seconds; launched: number; responses: number }

function parts({ profile, totals, workers, at, standings }: RunState, now: Counted, before: Counted): string[] {
  const span = Math.max(0.001, now.at - before.at)
  const perSecond = (what: 'launched' | 'responses'): string => ((now[what] - before[what]) / span).toFixed(0)
  const response = latency(totals.histogram('response'))
  const lateness = latency(totals.histogram('lateness'))
  const ok = standings.filter((standing) => standing === 'ok' || standing === 'done').length
  return [
    `${Math.floor(at)} s of ${Math.ceil(profile.duration)}`,
    `phase ${profile.pieces.findLast(({ from }) => from <= at)?.name ?? ''}`,
    `launched ${now.launched} of ${profile.arrivals} (${perSecond('launched')}/s)`,
    `answered ${now.responses} (${perSecond('responses')}/s)`,
    `failed ${totals.counter('failures')}`,
    `in flight ${workers.reduce((sum, { inFlight }) => sum + inFlight, 0)}`,
    `response p50 ${response.p50.toFixed(1)} p99 ${response.p99.toFixed(1)} ms`,
    `lateness p99 ${lateness.p99.toFixed(1)} ms`,
    `workers ok ${ok} of ${workers.length}`,
  ]
}
