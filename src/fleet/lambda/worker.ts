/**
 * One worker on Lambda, from its invocation to its end: starts that are throttled are tried again, its stream is read, a stream
 * that is cut is filled from the store, and what became of it is told in words.
 */
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { lossText } from '../../aws-errors.ts'
import { OWN_FILE, OWN_FOLDER } from '../../store/folder.ts'
import type { Store } from '../../store/store.ts'
import type { Millis, Seconds } from '../../units.ts'
import { EventDecoder, type WorkerEvent } from '../../wire/events.ts'
import { endedKey } from '../../wire/keys.ts'
import { LEASE_LIFETIME } from '../../wire/orders.ts'
import type { AnyStart } from '../../wire/task.ts'
import type { World } from '../../world.ts'
import { takeFrom } from '../claims.ts'
import type { FleetEvent, Gone } from '../fleet.ts'
import { BatchReader } from './batches.ts'
import { fill, followBatches } from './fill.ts'
import type { Gate } from './gate.ts'
import { type Api, type Called, type Invocation, invokeBuffered, invokeStreaming } from './invoke.ts'
import { type Asked, isThrottled, knowsNoStreams, type Outcome, reasonOf, reportIn } from './losses.ts'
import { payloadOf } from './payload.ts'

/** A frame comes each second: a stream without one for so long is lost. */
const SILENCE: Millis = 30_000
const FIRST_BACKOFF: Millis = 200
const LONGEST_BACKOFF: Millis = 5_000
/** After that no worker goes on that has not read the orders, with all that its clock and its patience with the store may differ. */
const LEASE_OVER: Millis = LEASE_LIFETIME + 5_000
const LOOK: Millis = 1_000
/** How often a worker writes batches where they are all that is heard of it. */
export const BATCHES_ALONE: Seconds = 2

/** What the workers of a fleet share. */
export type Around = {
  world: Pick<World, 'clock' | 'entropy' | 'secrets'>
  store: Store
  api: Api
  asked: Asked
  /** The folder of the workers' logs. */
  logs: string
  /** Few connections are opened at a time: signing and TLS would stall everything else. */
  gate: Gate
  /** How long a start that is throttled is tried again. */
  patience: Millis
  /** Whether the region knows streams, as far as anybody has found out. */
  streams: boolean
  /** Says, once, that the region knows none. */
  missStreams(): void
  /** When a worker at work has begun, and when it cannot be alive any more. */
  workingFrom(start: AnyStart): Millis | null
  until(start: AnyStart, launchedAt: Millis): Millis
}

const LAST_WORDS: ReadonlySet<WorkerEvent['type']> = new Set(['done', 'fault', 'hooked', 'returned'])

export class RemoteWorker {
  private readonly start: AnyStart
  private readonly around: Around
  private readonly hear: (event: FleetEvent['event']) => void
  private readonly said = new Map<string, number>()
  private readonly leaving = Promise.withResolvers<void>()
  private droppedAt: Millis | null = null
  private isLeft = false
  private isOver = false
  private invocation: Invocation | null = null
  /** When the stream last brought anything; null while nothing need come. */
  private heardAt: Millis | null = null

  constructor(start: AnyStart, around: Around, hear: (event: FleetEvent['event']) => void) {
    this.start = start
    this.around = around
    this.hear = hear
  }

  /** Resolves when there is no more to hear of it. */
  async run(): Promise<Gone> {
    const { around } = this
    const { clock } = around.world
    const from = clock.wall()
    let answer = around.streams ? await this.streaming() : await this.unstreamed()
    if (knowsNoStreams(answer) && !this.isLeft) {
      around.missStreams()
      answer = await this.unstreamed()
    }
    if (answer.kind === 'cut' && answer.sent) await this.filled(from)
    const log = answer.kind === 'complete' ? answer.log : ''
    if (log !== '') await this.keep(log)
    const ended = reasonOf(answer, around.asked, clock.wall() - from)
    const given = { reason: lossText({ kind: 'dropped' }, []), retry: true }
    return { type: 'gone', ...(this.droppedAt === null ? ended : given), billed: reportIn(log)?.billed ?? null }
  }

  /** The orders tell it to stop. Who cannot read them stops when its lease has run out, and no sooner can another take its place. */
  drop(): void {
    this.droppedAt ??= this.around.world.clock.wall()
  }

  /** Hangs up and stops following. The worker goes on until the orders stop it. */
  leave(): void {
    this.drop()
    this.isLeft = true
    this.isOver = true
    this.invocation?.hangUp('given up')
    this.leaving.resolve()
  }

  /** Hangs up when nothing has come for too long. */
  look(now: Millis): void {
    if (this.droppedAt !== null && now - this.droppedAt > LEASE_OVER) this.leave()
    if (this.heardAt === null || now - this.heardAt < SILENCE) return
    this.heardAt = null
    this.invocation?.hangUp(`nothing came for ${SILENCE / 1000} s`)
  }

  private async streaming(): Promise<Outcome> {
    const { clock } = this.around.world
    const decoder = new EventDecoder()
    const answer = await this.started(this.start, (called) =>
      invokeStreaming(this.around.api, called, (bytes) => {
        if (this.heardAt !== null) this.heardAt = clock.wall()
        for (const event of decoder.push(bytes)) {
          // Before its first frame a worker may wait for others.
          if (event.type === 'frame') this.heardAt ??= clock.wall()
          else this.note(event)
          this.tell(event)
        }
      }),
    )
    this.heardAt = null
    return answer
  }

  /** By batches alone: the connection says only how it ended. */
  private async unstreamed(): Promise<Outcome> {
    const { around } = this
    const start = { ...this.start, batches: BATCHES_ALONE }
    this.hear({ type: 'cut' })
    const answered = Promise.withResolvers<void>()
    let isAnswered = false
    const following = followBatches({
      ...{ reader: this.reader(), clock: around.world.clock, batches: BATCHES_ALONE },
      isOver: () => isAnswered || this.isLeft,
      woken: Promise.race([answered.promise, this.leaving.promise]),
    })
    const answer = await this.started(start, (called) => invokeBuffered(around.api, called))
    isAnswered = true
    answered.resolve()
    await following
    return answer
  }

  /** A start that is throttled has not happened: it alone is tried again. */
  private async started(start: AnyStart, invoke: (called: Called) => Invocation): Promise<Outcome> {
    const { gate, patience, world, asked } = this.around
    const from = world.clock.wall()
    for (let backoff = FIRST_BACKOFF; ; backoff = Math.min(LONGEST_BACKOFF, backoff * 2)) {
      const opened = await gate.pass(async (): Promise<Invocation | Outcome> => {
        if (this.droppedAt !== null) return { kind: 'cut', cause: 'given up', sent: false }
        const body = payloadOf(start)
        if ('kind' in body) return body
        this.invocation = invoke({ ...asked, body })
        await this.invocation.sent
        return this.invocation
      })
      const answer = 'answer' in opened ? await opened.answer : opened
      const wait = backoff * (0.5 + Number.parseInt(world.entropy(2), 16) / 2 ** 16)
      const late = world.clock.wall() + wait - from > patience
      if (!isThrottled(answer) || late) return answer
      await Promise.race([world.clock.sleep(wait), this.leaving.promise])
    }
  }

  /**
   * Whoever has the slice's claim sends its load. A worker that never came to take it finds it taken now, and sends nothing; one
   * that has it is followed.
   */
  private async filled(launchedAt: Millis): Promise<void> {
    const { start, around } = this
    const { clock, entropy } = around.world
    if (this.isOver) return
    const of = { slice: start.index, attempt: start.attempt }
    const unclaimed = await takeFrom(around.store, of, entropy(8))
    const batches = around.streams ? start.batches : BATCHES_ALONE
    if (unclaimed) return
    this.hear({ type: 'cut' })
    if (batches === null) {
      // Nothing will be heard of it again, but its end is certain only when it has no lease.
      this.drop()
      return this.leaseOver()
    }
    await fill({
      ...{ reader: this.reader(), clock, batches },
      isOver: () => this.isOver,
      woken: this.leaving.promise,
      workingFrom: () => around.workingFrom(start),
      until: () => Math.min(around.until(start, launchedAt), (this.droppedAt ?? Number.POSITIVE_INFINITY) + LEASE_OVER),
    })
  }

  private async leaseOver(): Promise<void> {
    const { store, world } = this.around
    const { index, attempt } = this.start
    const hasEnded = (): Promise<boolean> =>
      store.get(endedKey(index, attempt)).then(
        (word) => word !== null,
        () => false,
      )
    while (!this.isLeft && world.clock.wall() - (this.droppedAt ?? 0) <= LEASE_OVER && !(await hasEnded()))
      await Promise.race([world.clock.sleep(LOOK), this.leaving.promise])
  }

  private reader(): BatchReader {
    const { index: slice, attempt } = this.start
    return new BatchReader(this.around.store, { slice, attempt }, (event) => {
      if (this.isNew(event)) this.tell(event)
    })
  }

  private tell(event: WorkerEvent): void {
    if (LAST_WORDS.has(event.type)) this.isOver = true
    if (!this.isLeft) this.hear(event)
  }

  private note(event: WorkerEvent): void {
    const text = JSON.stringify(event)
    this.said.set(text, (this.said.get(text) ?? 0) + 1)
  }

  /** A frame that comes twice is added once; everything else that the stream has brought is left out when a batch brings it. */
  private isNew(event: WorkerEvent): boolean {
    if (event.type === 'frame') return true
    const text = JSON.stringify(event)
    const times = this.said.get(text) ?? 0
    if (times > 0) this.said.set(text, times - 1)
    return times === 0
  }

  private async keep(log: string): Promise<void> {
    const { hook, index } = this.start
    const { logs, world } = this.around
    // The platform's own lines are in it too, and they repeat what an error says.
    const redacted = world.secrets.text(log)
    const written = async (): Promise<void> => {
      await mkdir(logs, { recursive: true, mode: OWN_FOLDER })
      await appendFile(join(logs, `worker-${hook ?? index}.log`), redacted, { mode: OWN_FILE })
    }
    await written().catch(() => {})
  }
}
