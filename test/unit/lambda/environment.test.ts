/** The process is what a frozen environment carries from one run into the next. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { visit } from '../../../lambda/environment.ts'

const none = (): boolean => false

it('gives the environment back as it was', () => {
  process.env.SLSART_KEPT = 'kept'
  process.env.SLSART_CHANGED = 'before'
  const leave = visit({ SLSART_CHANGED: 'given', SLSART_NEW: 'given' }, none)
  expect(process.env).toMatchObject({ SLSART_KEPT: 'kept', SLSART_CHANGED: 'given', SLSART_NEW: 'given' })
  delete process.env.SLSART_KEPT
  process.env.SLSART_BY_CODE = 'set'
  leave()
  expect(process.env).toMatchObject({ SLSART_KEPT: 'kept', SLSART_CHANGED: 'before' })
  expect(process.env.SLSART_NEW).toBeUndefined()
  expect(process.env.SLSART_BY_CODE).toBeUndefined()
})

it("keeps the platform's listeners from the run's errors, and the run's from what comes after", () => {
  const platforms = (): void => {}
  const before = process.listenerCount('SIGUSR2')
  process.on('unhandledRejection', platforms)
  const leave = visit({}, none)
  expect(process.listeners('unhandledRejection')).toEqual([])
  process.on('unhandledRejection', () => {})
  process.on('SIGUSR2', () => {})
  leave()
  expect(process.listeners('unhandledRejection')).toContain(platforms)
  expect(process.listenerCount('SIGUSR2')).toBe(before)
  process.off('unhandledRejection', platforms)
})

it('ends intervals, and closes sockets and servers that the run has opened and not closed', async () => {
  const theirs = createServer().listen(0, '127.0.0.1')
  await once(theirs, 'listening')
  const { port } = theirs.address() as AddressInfo
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }
  const own = globalThis.setInterval
  const before = await open()
  let kept: Socket | null = null
  const leave = visit({}, (socket) => socket === kept)
  kept = await open()
  const left = await open()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  let ticks = 0
  setInterval(() => ticks++, 1)
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (ticks > 0) resolve(clearInterval(look))
    }, 1)
  })
  leave()
  const seen = ticks
  expect([before, kept, left].map(({ destroyed }) => destroyed)).toEqual([false, false, true])
  expect(server.listening).toBe(false)
  expect(globalThis.setInterval).toBe(own)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(ticks).toBe(seen)
  for (const socket of [before, kept]) socket.destroy()
  theirs.close()
})
