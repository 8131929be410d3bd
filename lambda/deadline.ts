/** When a worker must end that is paid for out of a budget: it stops by itself then, and does not outlive what that may take. */
import type { Millis } from '../src/units.ts'
import { LEASE_LIFETIME, NOTICING, type Orders, shutdown } from '../src/wire/orders.ts'
import { alarm } from './alarm.ts'
import { watchdog } from './watchdog.ts'

export type Deadline = {
  /** Moves it. */
  obey(orders: Pick<Orders, 'until' | 'lease'>): void
  /** What is done when it comes, from now on. */
  heed(stop: () => void): void
  close(): void
}

export function deadline(wall: () => Millis, stop: () => void): Deadline {
  let heeded = stop
  const end = alarm(wall, () => heeded())
  const dog = watchdog()
  return {
    obey({ until, lease }) {
      end.set(until)
      dog.guard(until === null ? null : Math.min(until, lease + LEASE_LIFETIME + NOTICING) + shutdown(true))
    },
    heed(stop) {
      heeded = stop
    },
    close() {
      end.clear()
      dog.close()
    },
  }
}

/** None. */
export const endless: Deadline = { obey() {}, heed() {}, close() {} }
