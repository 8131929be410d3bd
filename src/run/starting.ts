/** When the load may begin: all workers that can be are ready, or the start deadline has passed and a quorum of them is. The others join later. */
import { preflightErrors, type SlsartError, scriptErrors } from '../errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Plan } from '../plan/plan.ts'
import { mostTogether } from '../plan/slices.ts'
import type { Millis } from '../units.ts'
import type { Fault } from '../wire/events.ts'
import { askedEvery } from '../wire/orders.ts'
import type { World } from '../world.ts'
import { countWorkers, type RunState } from './state.ts'

/** `too few`: at the deadline. */
export type Beginning = { kind: 'go' } | { kind: 'wait' } | { kind: 'too few'; ready: number; asked: number }

/** `waited`: since the workers' launch. `deadline`: null, they are waited for as long as they live. */
export function beginning(
  state: RunState,
  { quorum, waited, deadline }: { quorum: number; waited: Millis; deadline: Millis | null },
): Beginning {
  const ready = countWorkers(state, 'ready')
  const starting = countWorkers(state, 'starting')
  if (ready === 0) return { kind: 'wait' }
  if (starting === 0) return { kind: 'go' }
  if (deadline === null || waited < deadline) return { kind: 'wait' }
  const asked = ready + starting + countWorkers(state, 'lost')
  return isQuorum(ready, asked, quorum) ? { kind: 'go' } : { kind: 'too few', ready, asked }
}

/** Whether enough of the workers can still be ready. */
export function canBegin(state: RunState, quorum: number): boolean {
  const lost = countWorkers(state, 'lost')
  const asked = lost + countWorkers(state, 'starting', 'ready')
  return lost < asked && isQuorum(asked - lost, asked, quorum)
}

/** The earliest moment of which all workers can have been told when it comes. */
export const soonest = (
  { fleet, world }: { fleet: Pick<Fleet, 'headstart'>; world: World },
  { windows }: Plan,
): Millis => world.clock.wall() + fleet.headstart + askedEvery(mostTogether(windows), false)

/** A hair of room: 19 of 20 are 0.95, and 1 - 0.05 is not. */
const isQuorum = (there: number, asked: number, quorum: number): boolean => there >= quorum * asked - 1e-9

/** What a worker says that cannot begin, as an error of the command. */
export const startError = (fault: Fault): SlsartError =>
  fault.code === 'script'
    ? scriptErrors.processor(fault.at ?? { file: 'processor' }, fault.message)
    : preflightErrors.start(fault.message)
