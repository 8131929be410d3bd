/** `deploy --monitor`: what is to be monitored is read and checked before anything is deployed, and left in the bucket afterwards. */
import type { Platform } from '../fleet/fleet.ts'
import type { Wishes } from '../run/prepare.ts'
import { refuseLong, roundDocument } from '../run/round.ts'
import type { Script } from '../scenario/script.ts'
import type { Deployed } from '../stack/apply.ts'
import type { Monitoring, Settings } from '../stack/settings.ts'
import type { RoundDocument } from '../wire/round.ts'
import type { World } from '../world.ts'
import { scriptFor, wishesFor } from './config.ts'
import type { Args } from './main.ts'
import { takeAim } from './targets.ts'

export type Watched = { script: Script; wishes: Wishes; allow: string[] }

/** Throws a ScriptError, or a PreflightError for hosts that nobody has allowed and for rounds that would overlap. */
export async function watchedFor(args: Args, world: World, { script: path, every }: Monitoring): Promise<Watched> {
  const own = { ...args, path: [path], monitoring: true }
  const script = await scriptFor(own, world, {})
  const wishes = { ...wishesFor(own, world, script), workers: 1 }
  refuseLong(script, every, wishes)
  return { script, wishes, allow: await takeAim(own, world, { script, env: {} }) }
}

export function documentOf(
  { script, ...of }: Watched,
  { settings, deployed, region }: { settings: Settings; deployed: Deployed; region: string },
  world: World,
): Promise<RoundDocument> {
  const { stage, arch, memory: memoryMb } = settings
  const platform: Platform = { stage, region, arch, memoryMb, function: deployed.function, bucket: deployed.bucket }
  return roundDocument(script, { ...of, platform }, world)
}
