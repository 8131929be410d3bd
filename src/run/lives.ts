/** Who has lived in a run, as its money is reckoned: every attempt at every slice. */
import type { Millis } from '../units.ts'
import { LEASE_LIFETIME, NOTICING, shutdown } from '../wire/orders.ts'
import type { Life } from './budget.ts'
import type { WorkerState } from './workers.ts'

/** A worker that nobody hears any longer ends by its lease at the latest. */
const STRAYS: Millis = LEASE_LIFETIME + NOTICING + shutdown(true)

export const livesOf = ({ workers }: { workers: readonly Pick<WorkerState, 'attempts'>[] }): Life[] =>
  workers.flatMap(({ attempts }) =>
    attempts.map(({ launchedAt, endedAt, billed, own }) => ({
      ...{ launchedAt, endedAt, billed },
      strays: own === null ? STRAYS : shutdown(true),
    })),
  )
