/** The parts of a scheduled round. As a whole it runs in test/aws/monitoring.test.ts. */
import { describe, expect, test } from 'vitest'
import { Leading } from '../../../lambda/leading.ts'
import { metricsLine, topicUrl } from '../../../lambda/notify.ts'
import { Told } from '../../../lambda/told.ts'
import type { StepResult } from '../../../src/measure/acceptance.ts'
import { roundTexts } from '../../../src/round-texts.ts'
import type { Store } from '../../../src/store/store.ts'
import { amend, type Orders } from '../../../src/wire/orders.ts'
import type { RoundDocument } from '../../../src/wire/round.ts'

function memory(): { store: Store; read: (key: string) => unknown } {
  const kept = new Map<string, Uint8Array>()
  const store: Store = {
    get: async (key) => kept.get(key) ?? null,
    put: async (key, bytes) => void kept.set(key, bytes),
    putIfAbsent: async (key, bytes) => !kept.has(key) && Boolean(kept.set(key, bytes)),
    list: async (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
    folders: async () => [],
    clear: async () => kept.clear(),
    close() {},
  }
  const read = (key: string): unknown => {
    const text = new TextDecoder().decode(kept.get(key))
    return text === '' ? null : JSON.parse(text)
  }
  return { store, read }
}

describe('what was told', () => {
  test('is told when the state changes, and not again while it lasts', async () => {
    const told = new Told(memory().store)
    const said: string[] = []
    for (const is of ['ok', 'spent', 'spent', 'ok', 'ok', 'broken']) {
      await told.changed(is, async () => void said.push(is))
    }
    expect(said).toEqual(['spent', 'ok', 'broken'])
  })

  test('is tried again with the next round when it could not be', async () => {
    const told = new Told(memory().store)
    await expect(told.changed('spent', async () => Promise.reject(new Error('no topic')))).rejects.toThrow('no topic')
    let said = 0
    await told.changed('spent', async () => void said++)
    expect(said).toBe(1)
  })
})

test('a round leads itself: it waits, goes when its worker is ready, and keeps a stop that was ordered from elsewhere', async () => {
  const { store, read } = memory()
  const leading = new Leading(store, () => 5_000)
  await leading.begin({ id: 'x' })
  expect(read('run.json')).toEqual({ id: 'x' })
  expect(read('orders.json')).toMatchObject({ version: 1, t0: null, led: false, stop: null })
  const stopped = amend(read('orders.json') as Orders, { stop: 'drain' })
  await store.put('orders.json', new TextEncoder().encode(JSON.stringify(stopped)))
  leading.go(20)
  await leading.end()
  expect(read('orders.json')).toMatchObject({ version: 3, t0: 5_500, lease: 25_500, stop: 'drain' })
  expect(await store.get('ended/run')).not.toBe(null)
})

const round = { stage: 'dev', script: 'löad.yml' } as RoundDocument

test('its numbers are a line that CloudWatch takes for metrics', () => {
  const line = metricsLine(round, { errors: 3, samples: 10, budget: 2 }, 1_700_000_000_000)
  expect(line).toMatch(/^\{.*\}\n$/)
  const metrics = ['MonitoringErrors', 'MonitoringSamples', 'MonitoringSpent'].map((Name) => ({ Name, Unit: 'Count' }))
  expect(JSON.parse(line)).toEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [{ Namespace: 'slsart', Dimensions: [['Stage', 'Script']], Metrics: metrics }],
    },
    ...{ Stage: 'dev', Script: 'l?ad.yml', MonitoringErrors: 3, MonitoringSamples: 10, MonitoringSpent: 1 },
  })
})

test('its topic is the region’s, or where the endpoint of the environment is', () => {
  expect(topicUrl('eu-west-1', {})).toBe('https://sns.eu-west-1.amazonaws.com/')
  expect(topicUrl('cn-north-1', {})).toBe('https://sns.cn-north-1.amazonaws.com.cn/')
  expect(topicUrl('eu-west-1', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toBe('http://127.0.0.1:1/')
})

describe('what is said', () => {
  const of = { stage: 'dev', region: 'eu-west-1', bucket: 'b', script: 'shop.yml', run: '20261122-150000-1a2b3c' }
  const numbers = { errors: 7, samples: 10, failed: 7, planned: 10, budget: 4 }
  const failing = (step: string): StepResult => ({
    ...{ arrival: 0, scenario: 'shop', step, status: 503, took: 1, error: null },
    asserted: [{ ok: false, said: 'statusCode: expected 200, got 503' }],
  })

  test('has the exchanges that failed, the run, and where its record is', () => {
    const steps = Array.from({ length: 7 }, (_, i) => failing(`GET /${i}`))
    const { subject, message } = roundTexts(of, { is: 'spent', ...numbers }, steps)
    expect(subject).toBe('slsart: shop.yml (dev, eu-west-1): the error budget is spent')
    expect(message).toContain('7 errors in 7 of 10 samples; the error budget is 4.')
    expect(message).toContain('shop: GET /0 answered 503: statusCode: expected 200, got 503')
    expect(message).toContain('and 2 more')
    expect(message).toContain('slsart report 20261122-150000-1a2b3c --stage dev --region eu-west-1')
    expect(message).toContain('/buckets/b?region=eu-west-1&prefix=runs/20261122-150000-1a2b3c/')
  })

  test('names why a round could not be run', () => {
    const { message } = roundTexts(of, { is: 'broken', ...numbers, samples: 0, why: 'no such module' }, [])
    expect(message).toContain('0 of 10 samples were taken. no such module')
  })

  test('has a subject that SNS takes', () => {
    const { subject } = roundTexts({ ...of, script: `${'ü'.repeat(200)}\n.yml` }, { is: 'ok', ...numbers }, [])
    expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/)
  })
})
