/** `slsart steer`: another load for a run that another process conducts. */
import { type ExitCode, usageErrors } from '../../errors.ts'
import type { Steering } from '../../plan/epochs.ts'
import { steerText, unsteeredText } from '../../report/going.ts'
import { requestSteering } from '../../run/request.ts'
import { MOST_SCALE } from '../../wire/steering.ts'
import type { World } from '../../world.ts'
import { foundRun } from '../going.ts'
import type { Args } from '../main.ts'

/** 0 when the load is steered, 12 when nobody said so. Throws a UsageError when it cannot be. */
export async function steer(args: Args, world: World): Promise<ExitCode> {
  const steering = steeringFor(args)
  const { run, place, isOver } = await foundRun(args, world)
  const { id } = run
  try {
    if (isOver) throw usageErrors.notSteered(id, unsteeredText.ended)
    const request = { at: world.clock.wall(), token: world.entropy(8), steering }
    const steered = await requestSteering(place, request)
    if (steered.kind === 'over') throw usageErrors.notSteered(id, unsteeredText.ended)
    if (steered.kind === 'refused') throw usageErrors.notSteered(id, unsteeredText[steered.why])
    const isDone = steered.kind === 'steered'
    const out = isDone ? world.stdout : world.stderr
    out.write(`${isDone ? steerText.steered(id, steered.epoch) : `slsart: ${steerText[steered.kind](id)}`}\n`)
    return isDone ? 0 : 12
  } finally {
    run.store.close()
  }
}

/** Exactly one. */
function steeringFor({ scale, ...args }: Args): Steering {
  const kinds = (['pause', 'resume', 'end-phase'] as const).filter((kind) => args[kind] === true)
  const wishes: Steering[] = kinds.map((kind) => ({ kind }))
  if (scale !== undefined) wishes.push({ kind: 'scale', scale: scaleIn(String(scale)) })
  const [wish] = wishes
  if (wish === undefined || wishes.length > 1) throw usageErrors.oneSteering()
  return wish
}

function scaleIn(text: string): number {
  const scale = text.trim() === '' ? Number.NaN : Number(text)
  if (!(scale > 0 && scale <= MOST_SCALE))
    throw usageErrors.number('--scale', text, `above 0, and ${MOST_SCALE} at the most`)
  return scale
}
