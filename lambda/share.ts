/** The worker's share of the load: by its start, and as the run's epochs have steered it since. */
import { owned } from '../src/plan/arrivals.ts'
import { type Epoch, isPaused, steer } from '../src/plan/epochs.ts'
import type { Profile } from '../src/plan/profile.ts'
import type { Slice } from '../src/plan/slices.ts'
import type { Seconds } from '../src/units.ts'

export class Share {
  profile: Profile
  slice: Slice
  /** Whether the load stands still, and may go on after the profile's end. */
  held = false
  /** Called after each change. */
  onChange: () => void = () => {}
  private planned: { profile: Profile; slice: Slice }

  constructor({ profile, slice }: { profile: Profile; slice: Slice }) {
    this.planned = { profile, slice }
    this.profile = profile
    this.slice = slice
  }

  get due(): number {
    return owned(this.profile, this.slice).count
  }

  /** What is due before that is not its own. */
  join(from: Seconds): void {
    const begun = ({ window, ...slice }: Slice): Slice => ({ ...slice, window: { ...window, from } })
    this.planned = { ...this.planned, slice: begun(this.planned.slice) }
    this.slice = begun(this.slice)
    this.onChange()
  }

  /** By all epochs of the run so far. */
  steer(epochs: readonly Epoch[]): void {
    const { profile, slice } = this.planned
    this.profile = steer(profile, epochs)
    // The last window lasts as long as the load.
    const isLast = slice.window.to >= profile.duration
    this.slice = isLast ? { ...slice, window: { ...slice.window, to: this.profile.duration } } : slice
    this.held = isPaused(epochs)
    this.onChange()
  }
}
