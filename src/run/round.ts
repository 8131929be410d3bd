/** What `deploy --monitor` leaves in the bucket: the script as a round of it is run, everything that travels with it, and the beginning of its record. */
import { basename } from 'node:path'
import type { Platform } from '../fleet/fleet.ts'
import { FRAME_VERSION } from '../measure/frame.ts'
import { longestRound } from '../plan/sampling.ts'
import { monitorErrors } from '../round-texts.ts'
import { enginesOf } from '../scenario/engine.ts'
import { packScript } from '../scenario/pack.ts'
import type { Script } from '../scenario/script.ts'
import { secretsTaken } from '../secrets/collect.ts'
import type { Seconds } from '../units.ts'
import type { RoundDocument } from '../wire/round.ts'
import type { World } from '../world.ts'
import { moneyOf } from './money.ts'
import { planFor, sampled, type Wishes } from './prepare.ts'
import { headOf, sharedBy } from './prepared.ts'
import type { RunHead } from './record.ts'

/** Each round draws its own. */
const NO_SEED = 0
/** How often its frames go to the store. */
const BATCHES: Seconds = 5

/** Throws a PreflightError when a round may last longer than a worker lives, or until the next one begins. */
export function refuseLong(script: Script, every: Seconds, wishes: Wishes): void {
  const longest = longestRound(script.sampling)
  const { lifetime } = planFor(sampled(script, NO_SEED), wishes)
  const most = Math.min(every, lifetime?.longest ?? every)
  if (longest > most) throw monitorErrors.tooLong(longest, most)
}

export async function roundDocument(
  written: Script,
  { wishes, allow, platform }: { wishes: Wishes; allow: readonly string[]; platform: Platform },
  world: World,
): Promise<RoundDocument> {
  const script = sampled(written, NO_SEED)
  const plan = planFor(script, wishes)
  // The document has room for all that travels.
  const { parts } = await packScript(script, Number.POSITIVE_INFINITY)
  const { stage, region, bucket } = platform
  const settings = { id: '', env: {}, allow, rawSamples: false, acceptance: false, monitoring: script.sampling }
  const place = { kind: 'bucket', bucket, region, prefix: '' } as const
  const head: RunHead = {
    ...{
      schema: 'slsart.run/1',
      frames: FRAME_VERSION,
      id: '',
      fleet: 'lambda',
      engine: enginesOf(script.scenarios),
      launchedAt: 0,
    },
    plan: world.secrets.json(plan),
    ...{ acceptance: false, monitoring: script.sampling, baseline: null, platform },
    script: world.secrets.json({ ...headOf(script), thresholds: [] }),
    money: moneyOf(platform, script.wishes.price, null),
  }
  return {
    schema: 'slsart.round/1',
    ...{ stage, script: basename(script.source.file), sampling: script.sampling },
    scenarios: script.scenarios.filter(({ weight }) => weight > 0).length,
    start: {
      ...sharedBy(plan, { script, parts, settings, fleet: { place, batches: BATCHES } }),
      ...{ index: 0, hook: null, secrets: secretsTaken(world.env, script) },
    },
    head,
  }
}
