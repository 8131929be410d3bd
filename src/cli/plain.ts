/** The observers that need no terminal: a line a second, or one JSON object a second. */
import { latency } from '../measure/summary.ts'
import type { Observe } from '../run/live.ts'
import { countWorkers, ledgerOf, type RunState } from '../run/state.ts'
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
  return {
    stage: state.stage,
    at: Math.round(state.at * 10) / 10,
    plan: { arrivals: plan.arrivals, workers: plan.workers },
    ledger: ledgerOf(state),
    inFlight: state.workers.reduce((sum, { inFlight }) => sum + inFlight, 0),
    requests: totals.counter('requests'),
    responses: totals.counter('responses'),
    failures: totals.counter('failures'),
    latency_ms: { response, service, lateness },
  }
}

function plainLines(out: Output): Observe {
  let before = { at: 0, launched: 0, responses: 0 }
  return (state) => {
    const { totals, stage, profile, workers } = state
    if (stage === 'warming') {
      out.write(`warming up: ${countWorkers(state, 'ready')} of ${workers.length} workers ready\n`)
      return
    }
    if (state.at < 0) return
    const launched = totals.counter('launched')
    const responses = totals.counter('responses')
    const span = Math.max(0.001, state.at - before.at)
    const response = latency(totals.histogram('response'))
    const late = latency(totals.histogram('lateness'))
    const lost = countWorkers(state, 'lost')
    const parts = [
      `${Math.floor(state.at)} s of ${Math.ceil(profile.duration)}`,
      `launched ${launched} of ${profile.arrivals} (${((launched - before.launched) / span).toFixed(0)}/s)`,
      `answered ${responses} (${((responses - before.responses) / span).toFixed(0)}/s)`,
      `failed ${totals.counter('failures')}`,
      `in flight ${workers.reduce((sum, { inFlight }) => sum + inFlight, 0)}`,
      `response p50 ${response.p50.toFixed(1)} p99 ${response.p99.toFixed(1)} ms`,
      `lateness p99 ${late.p99.toFixed(1)} ms`,
      ...(lost > 0 ? [`workers lost ${lost}`] : []),
    ]
    out.write(`${parts.join(' · ')}\n`)
    before = { at: state.at, launched, responses }
  }
}
