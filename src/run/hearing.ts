/** Between the fleet and the run: what comes of a worker's event that no worker sends. */
import { unreadableText } from '../errors.ts'
import type { FleetEvent } from '../fleet/fleet.ts'
import type { Redactor } from '../secrets/redactor.ts'
import type { Fault } from '../wire/events.ts'
import type { SliceAttempt } from '../wire/orders.ts'
import { heard } from './heard.ts'

/** `hear` takes the events that may be believed, and throws a RangeError at a frame that cannot be read. `distrust` ends its worker. */
type To = { hear(told: FleetEvent): void; distrust(of: SliceAttempt): void }

export class Hearing {
  private readonly unreadable = new Set<string>()
  private readonly secrets: Redactor
  private readonly to: To

  constructor(secrets: Redactor, to: To) {
    this.secrets = secrets
    this.to = to
  }

  /** What no worker sends changes nothing, and is a fault of who has sent it; more of him is not heard. */
  take({ event, ...of }: FleetEvent): void {
    const { to, unreadable } = this
    if (event.type === 'cut') return to.hear({ ...of, event })
    // The platform's own words may repeat what an error says.
    if (event.type === 'gone') {
      return to.hear({ ...of, event: { ...event, reason: this.secrets.text(event.reason) } })
    }
    const name = `${of.slice}-${of.attempt}`
    if (unreadable.has(name)) return
    try {
      to.hear({ ...of, event: heard(event) })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      unreadable.add(name)
      const fault: Fault = { type: 'fault', code: 'worker', message: unreadableText(error.message), at: null }
      to.hear({ ...of, event: fault })
      to.distrust(of)
    }
  }
}
