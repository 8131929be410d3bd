/**
 * A monitoring round that nobody conducts: a schedule calls the function, which makes a run of what `deploy --monitor` has left in the
 * bucket, leads it by its own orders, and keeps its record there as a conductor's run does, so that `slsart report` can read it. When the
 * error budget is spent, and when it is not any more, it is told.
 */
import { randomBytes } from 'node:crypto'
import { roundOf, type StepResult } from '../src/measure/acceptance.ts'
import { isSpent } from '../src/measure/verdict.ts'
import { profileOf } from '../src/plan/profile.ts'
import { samplePhases } from '../src/plan/sampling.ts'
import { type RoundState, roundTexts } from '../src/round-texts.ts'
import { credentialsIn } from '../src/store/credentials.ts'
import { documentIn } from '../src/store/documents.ts'
import { openStore } from '../src/store/open.ts'
import { runIdAt } from '../src/store/runs.ts'
import type { Millis } from '../src/units.ts'
import type { WorkerEvent } from '../src/wire/events.ts'
import { monitorPrefix, type RoundCall, type RoundDocument, roundKey } from '../src/wire/round.ts'
import type { Start } from '../src/wire/start.ts'
import { guardConnections } from './guard.ts'
import { Leading } from './leading.ts'
import { metricsLine, publish, topicUrl } from './notify.ts'
import { ownOf, Targets } from './targets.ts'
import { Told } from './told.ts'

type Place = RoundCall['monitor']
type Process = { env: Record<string, string | undefined>; write: (text: string) => void }
type Serve = (start: Start, hear: (event: WorkerEvent) => void) => Promise<void>

/** Throws what the bucket throws: then there was no round, and the alarm on missing data will say so. */
export async function runRound(place: Place, { env, write }: Process, serve: Serve): Promise<void> {
  const by = { env, credentials: credentialsIn(env) }
  const own = openStore({ kind: 'bucket', ...place, prefix: monitorPrefix }, by)
  const document = await documentIn<RoundDocument>(own, roundKey)
  // The stack is there before what is to be monitored.
  if (document === null) return write('there is nothing to monitor yet\n')
  const { start, head } = begun(document, place, Date.now())
  const run = openStore(start.store, by)
  const leading = new Leading(run, Date.now)
  await leading.begin(head)
  const steps: StepResult[] = []
  let fault: string | null = null
  await serve(start, (event) => {
    if (event.type === 'ready') leading.go(start.profile.duration + (start.drain ?? 0))
    else if (event.type === 'step') steps.push(event.step)
    else if (event.type === 'fault') fault ??= event.message
  })
  await leading.end()
  const state = stateOf(document, steps, fault)
  if (state.is !== 'broken') write(metricsLine(document, state, Date.now()))
  const topic = topicUrl(place.region, env)
  // The run's own guard knows nothing of it.
  guardConnections(new Targets([], ownOf(start, env, [topic]), () => {}))
  const texts = roundTexts({ ...document, ...place, run: start.run }, state, steps)
  await new Told(own).changed(state.is, () => publish(place, { topic, ...texts }, by))
  for (const store of [own, run]) store.close()
}

/** Each round is a run of its own, with a seed of its own. */
function begun(
  { start, head, sampling, scenarios }: RoundDocument,
  { bucket, region }: Place,
  now: Millis,
): { start: Start; head: object } {
  const run = runIdAt(now, randomBytes(3).toString('hex'))
  const seed = randomBytes(4).readUInt32BE()
  const profile = profileOf(samplePhases(sampling, scenarios, seed), seed)
  const window = { from: 0, to: profile.duration }
  const windows = head.plan.windows.map((of) => ({ ...of, ...window }))
  return {
    start: {
      ...start,
      ...{ run, seed, profile, slice: { stripe: { index: 0, of: 1 }, window } },
      store: { kind: 'bucket', bucket, region, prefix: `runs/${run}/` },
    },
    head: { ...head, id: run, launchedAt: now, plan: { ...head.plan, seed, profile, windows } },
  }
}

/** Errors that are there spend the budget, whatever else went wrong; without them a round that is not whole shows nothing. */
function stateOf(
  { sampling, scenarios }: RoundDocument,
  steps: readonly StepResult[],
  fault: string | null,
): RoundState {
  const round = roundOf(steps)
  const of = { ...round, budget: sampling.errorBudget, planned: sampling.size * scenarios }
  if (isSpent(of)) return { is: 'spent', ...of }
  if (fault !== null || round.samples < of.planned) return { is: 'broken', ...of, why: fault }
  return { is: 'ok', ...of }
}
