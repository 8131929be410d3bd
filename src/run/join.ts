/** A run that goes on elsewhere, by whichever tells more of it: its log while that is written here, else its store. */
import { existsSync } from 'node:fs'
import { documentIn } from '../store/documents.ts'
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import { ordersKey } from '../wire/keys.ts'
import type { Orders } from '../wire/orders.ts'
import { type Follower, LogFollower, QUIET, StoreFollower } from './follow.ts'
import { hasLapsed } from './kill.ts'
import { eventsPath, type RunHead } from './record.ts'
import type { RunState } from './state.ts'

/** `isLocal`: its workers write no batches. */
type Run = { head: RunHead; folder: string; store: Store; isLocal: boolean }

export class Joined implements Follower {
  private readonly run: Run
  private by: Follower

  constructor(run: Run) {
    const { head, folder, store, isLocal } = run
    this.run = run
    const isHere = isLocal || existsSync(eventsPath(folder))
    this.by = isHere ? new LogFollower(head, folder) : new StoreFollower(head, store)
  }

  get state(): RunState {
    return this.by.state
  }

  get behind(): Millis {
    return this.by.behind
  }

  async look(now: Millis): Promise<'on' | 'over'> {
    const going = await this.by.look(now)
    if (going !== 'quiet') return going
    const { head, store, isLocal } = this.run
    const orders = await documentIn<Orders>(store, ordersKey)
    if (orders === null || hasLapsed({ orders }, now)) return 'over'
    const isOn = this.state.stage === 'running' && orders.t0 !== null && now - orders.t0 > QUIET
    if (isOn && !isLocal) this.by = new StoreFollower(head, store)
    return 'on'
  }
}
