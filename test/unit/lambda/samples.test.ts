import { expect, it } from 'vitest'
import { samplesOf } from '../../../lambda/samples.ts'
import type { WorkerEvent } from '../../../src/wire/events.ts'
import { bytesOf } from '../../support/store.ts'

it('puts raw samples one after another, and tells once of what could not be put', async () => {
  const keys: string[] = []
  const told: WorkerEvent[] = []
  const put = async (key: string): Promise<void> => {
    keys.push(key)
    if (keys.length === 2 || keys.length === 3) throw new Error('no room')
  }
  const samples = samplesOf({ slice: 4, attempt: 2 }, { store: { put }, send: (event) => void told.push(event) })
  for (const seq of [1, 2, 3, 4]) samples.put(seq, bytesOf('response,1\n'))
  await samples.kept()
  expect(keys).toEqual([1, 2, 3, 4].map((seq) => `samples/4-2/00000${seq}.csv`))
  expect(told).toEqual([{ type: 'unkept', message: 'raw samples of worker 4: no room' }])
})
