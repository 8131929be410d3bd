/** What starts the workers of every fleet: so many at a time, each heard to its end. */
import { describe, expect, it } from 'vitest'
import type { FleetEvent, Gone } from '../../../src/fleet/fleet.ts'
import { type Begun, type Say, WorkerPool } from '../../../src/fleet/pool.ts'
import { EventQueue } from '../../../src/fleet/queue.ts'
import type { AnyStart } from '../../../src/wire/task.ts'
import { startEvent } from '../../support/worker.ts'

const startOf = (index: number): AnyStart => ({
  ...startEvent('/', 'http://127.0.0.1:1', { duration: 1, arrivals: 1 }),
  index,
})
const starts = (n: number): AnyStart[] => Array.from({ length: n }, (_, i) => startOf(i))
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

type Worker = { index: number; say: Say; end(reason?: string): void }

/** Workers that do what the test has them do. */
function pool(): { pool: WorkerPool; begun: Worker[] } {
  const begun: Worker[] = []
  const begin = ({ index }: AnyStart, say: Say): Begun => {
    const { promise: gone, resolve } = Promise.withResolvers<Gone>()
    const end = (reason = 'exit code 0'): void => resolve({ type: 'gone', reason, retry: true, billed: null })
    begun.push({ index, say, end })
    return { gone, drop: () => end('dropped'), leave: () => end('left') }
  }
  return { pool: new WorkerPool(begin), begun }
}

async function heard(events: AsyncIterable<FleetEvent>): Promise<string[]> {
  const all: string[] = []
  for await (const { slice, event } of events) all.push(`${slice} ${event.type === 'gone' ? event.reason : event.type}`)
  return all
}

describe('the workers of a fleet', () => {
  it('are all there at once when nobody says how many may be', async () => {
    const { pool: workers, begun } = pool()
    const all = heard(workers.launch(starts(300)))
    await turn()
    expect(begun).toHaveLength(300)
    for (const worker of begun) worker.end()
    expect(await all).toHaveLength(300)
  })

  it('are never more than may be, and each that is gone makes room for one', async () => {
    const { pool: workers, begun } = pool()
    const all = heard(workers.launch(starts(5), 2))
    for (let gone = 0; gone < 5; gone++) {
      await turn()
      expect(begun).toHaveLength(Math.min(5, gone + 2))
      begun[gone]?.end()
    }
    expect(await all).toHaveLength(5)
  })

  it('are started as they are asked for, and a start is taken when there is room for it', async () => {
    const { pool: workers, begun } = pool()
    const asked = new EventQueue<AnyStart>()
    let taken = 0
    const counted = (async function* () {
      for await (const start of asked) {
        taken++
        yield start
      }
    })()
    const all = heard(workers.launch(counted, 1))
    for (const start of starts(3)) asked.push(start)
    asked.end()
    await turn()
    expect({ taken, begun: begun.length }).toEqual({ taken: 1, begun: 1 })
    for (const i of [0, 1, 2]) {
      begun[i]?.end()
      await turn()
    }
    expect({ taken, all: await all }).toEqual({ taken: 3, all: ['0 exit code 0', '1 exit code 0', '2 exit code 0'] })
  })

  it('are heard in the order in which each said what it said, its end last', async () => {
    const { pool: workers, begun } = pool()
    const all = heard(workers.launch(starts(2)))
    await turn()
    begun[1]?.say({ type: 'ready', at: 0 })
    begun[0]?.say({ type: 'cut' })
    begun[1]?.say({ type: 'suggested', code: 1 })
    begun[1]?.end()
    await turn()
    begun[0]?.end()
    expect(await all).toEqual(['1 ready', '0 cut', '1 suggested', '1 exit code 0', '0 exit code 0'])
  })

  it('can be given up one by one and all together; who is not there cannot', async () => {
    const { pool: workers } = pool()
    const all = heard(workers.launch(starts(3)))
    await turn()
    workers.drop({ slice: 1, attempt: 1 })
    workers.drop({ slice: 7, attempt: 1 })
    await turn()
    workers.dropAll()
    expect(await all).toEqual(['1 dropped', '0 left', '2 left'])
  })

  it('that cannot be started are gone, and hold up no other', async () => {
    const failing = new WorkerPool(({ index }) => {
      if (index === 0) throw new Error('spawn EAGAIN')
      return { gone: Promise.reject(new Error('no such file')), drop() {}, leave() {} }
    })
    expect(await heard(failing.launch(starts(2), 1))).toEqual(['0 spawn EAGAIN', '1 no such file'])
  })
})
