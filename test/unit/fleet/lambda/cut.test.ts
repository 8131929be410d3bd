import { describe, expect, it } from 'vitest'
import { folderStore } from '../../../../src/store/folder.ts'
import { claimKey } from '../../../../src/wire/keys.ts'
import { firstOrders } from '../../../../src/wire/orders.ts'
import { completeOf, fleetAt, heard, payloadOf, serve, timeless } from './api.ts'
import { claim, done, ended, frame, putBatch, ready, stream } from './said.ts'

describe('a stream that is cut', () => {
  it('is filled from what the worker wrote to the store, and nothing is said twice', async () => {
    const { url } = await serve(async (asked) => {
      await claim(root)
      await putBatch(root, 0, ready, { type: 'suggested', code: 3 }, frame(1), frame(2))
      stream(asked, payloadOf(ready, { type: 'suggested', code: 3 }, frame(1)))
      // Half a frame, and then nothing more.
      asked.response.write(payloadOf(frame(2)).subarray(0, 30), () => asked.response.destroy())
    })
    let sleeps = 0
    const world = timeless(url, async () => {
      if (++sleeps === 3) await putBatch(root, 1, frame(3), { type: 'suggested', code: 3 }, done)
    })
    const { fleet, root, start } = fleetAt(world.world)
    const events = await heard(fleet.launch([start()]))
    const frames = events.flatMap((event) => (event.type === 'frame' ? [event.packed[0]] : []))
    expect(new Set(frames)).toEqual(new Set([1, 2, 3]))
    expect(events.filter(({ type }) => type === 'ready')).toHaveLength(1)
    // The worker said it twice.
    expect(events.filter(({ type }) => type === 'suggested')).toHaveLength(2)
    expect(events.slice(-2)).toMatchObject(
      [done, { type: 'gone', reason: /cut/ }].slice(0, 1).concat([{ type: 'gone' } as never]),
    )
    expect(sleeps).toBe(3)
  })

  it('is one without its end, even if it ends in order', async () => {
    const { reason } = await ended((asked) => {
      stream(asked, payloadOf(ready))
      asked.response.end()
    })
    expect(reason).toBe('its stream was cut: the stream ended before the function did')
  })

  it('by a worker that had not begun ends it at once: it finds its slice taken', async () => {
    const { url } = await serve((asked) => asked.request.socket.destroy())
    let sleeps = 0
    const { fleet, root, start } = fleetAt(timeless(url, () => ++sleeps).world)
    expect(await heard(fleet.launch([start()]))).toMatchObject([
      { type: 'gone', reason: expect.stringMatching(/^its stream was cut/) },
    ])
    expect(await folderStore(root).get(claimKey(0, 1))).not.toBeNull()
    expect(sleeps).toBe(0)
  })

  it('by damage is one too', async () => {
    const { reason } = await ended((asked) => {
      const damaged = Buffer.from(payloadOf(ready))
      damaged[20] = 0
      stream(asked, damaged)
    })
    expect(reason).toMatch(/^its stream was cut: the stream is damaged/)
  })

  it('is given up when the worker writes nothing for three batches', async () => {
    const { url } = await serve(async (asked) => {
      await claim(root)
      await putBatch(root, 0, ready, frame(1))
      stream(asked, payloadOf(ready, frame(1)))
      asked.response.end()
    })
    let sleeps = 0
    const { world } = timeless(url, () => ++sleeps)
    const { fleet, root, start } = fleetAt(world)
    await fleet.order({ ...firstOrders(0), t0: world.clock.wall() })
    const long = { ...start(), slice: { ...start().slice, window: { from: 0, to: 600 } } }
    expect((await heard(fleet.launch([long]))).at(-1)).toMatchObject({ type: 'gone' })
    expect(sleeps * 5).toBeGreaterThan(85)
    expect(sleeps * 5).toBeLessThan(110)
  })

  it('is followed no longer than the worker can live', async () => {
    const { url } = await serve(async (asked) => {
      await claim(root)
      asked.request.socket.destroy()
    })
    let sleeps = 0
    const { world } = timeless(url, () => ++sleeps)
    const { fleet, root, start } = fleetAt(world)
    await fleet.order({ ...firstOrders(0), t0: world.clock.wall() })
    await heard(fleet.launch([start()]))
    // Its window is 10 s, its drain 5, and 20 are for the clocks and the last batch.
    expect(sleeps * 5).toBeGreaterThanOrEqual(35)
    expect(sleeps * 5).toBeLessThanOrEqual(45)
  })

  it('of an ephemeral run cannot be filled', async () => {
    const { reason } = await ended(
      async (asked) => {
        stream(asked, payloadOf(ready))
        asked.response.end()
      },
      {},
      { ephemeral: true },
    )
    expect(reason).toMatch(/^its stream was cut/)
  })

  it('of an ephemeral run leaves a worker that nobody hears: it is gone when it has no lease', async () => {
    const { url } = await serve(async (asked) => {
      await claim(root)
      stream(asked, payloadOf(ready))
      asked.response.end()
    })
    const { world } = timeless(url)
    const { fleet, root, start } = fleetAt(world, { ephemeral: true })
    const from = world.clock.wall()
    expect(await heard(fleet.launch([start()]))).toMatchObject([
      ready,
      { type: 'cut' },
      { type: 'gone', reason: 'it was given up', retry: true },
    ])
    expect(world.clock.wall() - from).toBeGreaterThan(30_000)
  })

  it('is one that brings nothing for 30 s', async () => {
    const { url } = await serve((asked) => {
      stream(asked, payloadOf(ready, frame(1)))
      next = () => asked.response.write(payloadOf(frame(2)))
    })
    let next = (): unknown => null
    const { world, tick } = timeless(url)
    const { fleet, start } = fleetAt(world)
    const events = await heard(fleet.launch([start()]), ({ event }) => {
      if (event.type !== 'frame') return
      tick(event.packed[0] === 1 ? 29_000 : 31_000)
      next()
    })
    expect(events).toMatchObject([ready, frame(1), frame(2), { reason: 'its stream was cut: nothing came for 30 s' }])
  })

  it('is not one that brings nothing before its first frame, since workers wait for each other', async () => {
    let next = (): unknown => null
    const { url } = await serve((asked) => {
      stream(asked, payloadOf(ready))
      next = () => asked.response.end(Buffer.concat([payloadOf(done), completeOf()]))
    })
    const { world, tick } = timeless(url)
    const { fleet, start } = fleetAt(world)
    const events = await heard(fleet.launch([start()]), ({ event }) => {
      if (event.type !== 'ready') return
      tick(60_000)
      next()
    })
    expect(events).toMatchObject([ready, done, { reason: 'its function returned' }])
  })
})
