/**
 * Deadlines of all connections of a worker: a hashed timing wheel, so that a request sets no timer of its own. A deadline that moves
 * away leaves its entry where it is: the entry is looked at too early, once, and put where it belongs. One timer turns the wheel while
 * something is on it; it does not keep the process alive.
 */
import type { Micros, Millis } from '../../../src/units.ts'

/** A timeout comes up to this much late, never early. */
const TICK: Millis = 4
const TICK_MICROS: Micros = TICK * 1000
/** 8 s to a turn; what is due later is passed by until it is. */
const SLOTS = 2048
/** Slots of what is not in one: off the wheel, or just taken off because it is due. */
const OFF = -1
const RIPE = -2

export abstract class Timed {
  /** When to be looked at. */
  due: Micros = 0
  /** Links of the wheel. */
  slot = OFF
  earlier: Timed | null = null
  later: Timed | null = null

  /** It is off the wheel when this is called. */
  abstract expire(now: Micros): void
}

export class Wheel {
  private readonly now: () => Micros
  private readonly slots: (Timed | null)[] = new Array(SLOTS).fill(null)
  private timer: NodeJS.Timeout | null = null
  private turned = 0
  private size = 0

  constructor(now: () => Micros) {
    this.now = now
  }

  /** Has the entry looked at when it is due, or earlier if it is on the wheel for earlier. */
  set(entry: Timed, due: Micros): void {
    if (entry.slot >= 0) {
      if (entry.due <= due) return
      this.unlink(entry)
    } else if (this.size++ === 0) this.start()
    entry.due = due
    const tick = Math.max(Math.ceil(due / TICK_MICROS), this.turned + 1)
    const slot = tick & (SLOTS - 1)
    const first = this.slots[slot] as Timed | null
    entry.slot = slot
    entry.later = first
    if (first !== null) first.earlier = entry
    this.slots[slot] = entry
  }

  remove(entry: Timed): void {
    if (entry.slot >= 0) {
      this.unlink(entry)
      this.size--
    }
    entry.slot = OFF
  }

  all(): Timed[] {
    const entries: Timed[] = []
    for (const first of this.slots) for (let entry = first; entry !== null; entry = entry.later) entries.push(entry)
    return entries
  }

  private start(): void {
    this.turned = Math.floor(this.now() / TICK_MICROS)
    if (this.timer === null) this.rearm()
  }

  private rearm(): void {
    // After what has come meanwhile is read: an answer that waited for this process to have time is in time.
    this.timer = setTimeout(() => setImmediate(() => this.turn()), TICK).unref()
  }

  private turn(): void {
    this.timer = null
    const now = this.now()
    const until = Math.floor(now / TICK_MICROS)
    const from = Math.max(this.turned + 1, until - SLOTS + 1)
    this.turned = until
    for (let tick = from; tick <= until; tick++) this.visit(tick & (SLOTS - 1), now)
    if (this.size > 0 && this.timer === null) this.rearm()
  }

  /** Takes off all that are due before telling any of them: what one does may take off others, or put them elsewhere. */
  private visit(slot: number, now: Micros): void {
    let ripe: Timed[] | null = null
    for (let entry = this.slots[slot] as Timed | null; entry !== null; entry = entry.later) {
      if (entry.due > now) continue
      ripe ??= []
      ripe.push(entry)
    }
    if (ripe === null) return
    for (const entry of ripe) {
      this.remove(entry)
      entry.slot = RIPE
    }
    for (const entry of ripe) {
      if (entry.slot !== RIPE) continue
      entry.slot = OFF
      entry.expire(now)
    }
  }

  private unlink(entry: Timed): void {
    if (entry.earlier === null) this.slots[entry.slot] = entry.later
    else entry.earlier.later = entry.later
    if (entry.later !== null) entry.later.earlier = entry.earlier
    entry.earlier = null
    entry.later = null
    entry.slot = OFF
  }
}
