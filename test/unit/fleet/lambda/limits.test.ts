import { describe, expect, it } from 'vitest'
import { type Asked, fleetAt, refuse, serve, timeless } from './api.ts'

describe('the limits', () => {
  const settings = (concurrency: object, own: object) => (asked: Asked) =>
    asked.response.end(JSON.stringify(asked.path.includes('account-settings') ? { AccountLimit: concurrency } : own))

  it.each<[string, object, object, number]>([
    ['what no function has reserved', { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 900 }, {}, 900],
    [
      'what is reserved for this one',
      { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 900 },
      { ReservedConcurrentExecutions: 50 },
      50,
    ],
    ['the whole of a small account', { ConcurrentExecutions: 10 }, {}, 10],
  ])('are %s', async (_, account, own, workers) => {
    const { url } = await serve(settings(account, own))
    expect(await fleetAt(timeless(url).world).fleet.limits()).toEqual({ workers, startsPer10s: 1_000 })
  })

  it('that cannot be asked for are an error before anything is sent', async () => {
    const { url } = await serve((asked) => refuse(asked, 403, 'AccessDeniedException', { Message: 'not you' }))
    await expect(fleetAt(timeless(url).world).fleet.limits()).rejects.toMatchObject({
      ...{ exit: 3, message: 'Lambda in eu-west-1 does not say how many workers it has room for: not you' },
      hint: expect.stringContaining('lambda:GetAccountSettings'),
    })
  })
})
