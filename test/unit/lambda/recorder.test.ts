import { describe, expect, it } from 'vitest'
import { Recorder } from '../../../lambda/recorder.ts'
import { readHead } from '../../../src/measure/frame.ts'
import { Totals } from '../../../src/measure/merge.ts'
import { named } from '../../../src/measure/names.ts'

const health = {
  span: 1_000_000,
  files: 40,
  fileLimit: 1_024,
  ports: 60,
  portLimit: 28_232,
  cpu: 1,
  loopDelayMax: 2,
  memoryBytes: 3,
  inFlight: 4,
}
const of = { slice: 3, attempt: 1 }
const exchange = { status: 200, response: 1_500, service: 1_200 }
const exchanged = (recorder: Recorder, endpoint = 'GET /', change: Partial<typeof exchange> = {}): void => {
  const { status, response, service } = { ...exchange, ...change }
  recorder.exchange(recorder.place(endpoint, 'browse', 0), status, response, service)
}
const totalsOf = (...frames: Uint8Array[]): Totals => {
  const totals = new Totals()
  for (const frame of frames) totals.add(frame)
  return totals
}

describe('a recorder', () => {
  it('numbers its frames from 0, and says whose they are and when', () => {
    const recorder = new Recorder(of, false)
    const heads = [0, 1, 5].map((second) => readHead(recorder.cut(second, health).slice()))
    expect(heads).toEqual([0, 1, 5].map((second, seq) => ({ ...of, seq, second, health })))
    expect(recorder.cuts).toBe(3)
  })

  it('gives each frame what was measured since the last, and nothing twice', () => {
    const recorder = new Recorder(of, false)
    recorder.count('launched', 3)
    recorder.time('lateness', 40)
    const first = recorder.cut(0, health).slice()
    recorder.count('launched')
    const second = recorder.cut(1, health).slice()
    expect([totalsOf(first).counter('launched'), totalsOf(second).counter('launched')]).toEqual([3, 1])
    expect(totalsOf(second).histogram('lateness').count).toBe(0)
    expect(totalsOf(first, second).counter('launched')).toBe(4)
  })

  it('counts an exchange in all, by status, and by endpoint, scenario and phase', () => {
    const recorder = new Recorder(of, false)
    exchanged(recorder)
    exchanged(recorder, 'GET /slow', { status: 503, response: 9_000 })
    const totals = totalsOf(recorder.cut(0, health).slice())
    const counted = [
      'responses',
      named('responses', 'status', 200),
      named('responses', 'status', 503),
      named('responses', 'endpoint', 'GET /'),
      named('responses', 'scenario', 'browse'),
      named('responses', 'phase', 0),
    ]
    expect(counted.map((name) => totals.counter(name))).toEqual([2, 1, 1, 1, 2, 2])
    const timed = ['response', 'service', named('response', 'endpoint', 'GET /slow'), named('service', 'phase', 0)]
    expect(timed.map((name) => totals.histogram(name).max)).toEqual([9_000, 1_200, 9_000, 1_200])
  })

  it('gives a frame every sample until its cut, however many there are', () => {
    const recorder = new Recorder(of, false)
    const timer = recorder.timer('connecting', 'connecting twice')
    const sizes = [0, 1, 99, 100, 101, 1_234]
    const frames = sizes.map((size, second) => {
      for (let i = 1; i <= size; i++) {
        timer.record(i)
        exchanged(recorder, 'GET /', { response: 2 * i, service: i })
      }
      return totalsOf(recorder.cut(second, health).slice())
    })
    const sums = (by: number): number[] => sizes.map((size) => (by * size * (size + 1)) / 2)
    const sumsOf = (name: string): number[] => frames.map((totals) => totals.histogram(name).sum)
    for (const name of ['connecting', 'connecting twice']) expect(sumsOf(name)).toEqual(sums(1))
    for (const name of ['service', named('service', 'phase', 0)]) expect(sumsOf(name)).toEqual(sums(1))
    for (const name of ['response', named('response', 'endpoint', 'GET /')]) expect(sumsOf(name)).toEqual(sums(2))
    expect(frames.map((totals) => totals.histogram('service').count)).toEqual(sizes)
  })

  it('keeps its places from frame to frame, and forgets names that are counted no more', () => {
    const recorder = new Recorder(of, false)
    const place = recorder.place('GET /', 'browse', 0)
    const frames = [0, 1, 2, 3].map((second) => {
      recorder.count(`once ${second}`, 0)
      if (second !== 1) recorder.request(place, 'requests')
      return recorder.cut(second, health).slice()
    })
    expect(frames.map((frame) => totalsOf(frame).counter(named('requests', 'endpoint', 'GET /')))).toEqual([1, 0, 1, 1])
    expect(
      frames.map((frame) => [...totalsOf(frame).counters.keys()].filter((name) => name.startsWith('once'))),
    ).toEqual([['once 0'], ['once 1'], ['once 2'], ['once 3']])
    expect(recorder.place('GET /', 'browse', 0)).toBe(place)
  })

  it('keeps raw samples only when it was asked to, and hands them out once', () => {
    const [plain, raw] = [new Recorder(of, false), new Recorder(of, true)]
    for (const recorder of [plain, raw]) exchanged(recorder)
    expect(plain.takeRows()).toBeNull()
    expect(new TextDecoder().decode(raw.takeRows() ?? new Uint8Array())).toBe('response,1500\nservice,1200\n')
    expect(raw.takeRows()).toBeNull()
  })

  it('shows one failure of each code a frame, and of a few codes', () => {
    const recorder = new Recorder(of, false)
    const failed = (code: string, arrival: number): void =>
      recorder.failure({ code, message: code, scenario: 's', endpoint: null, status: null, arrival })
    for (let i = 0; i < 30; i++) failed(`code ${i % 15}`, i)
    const shown = [...totalsOf(recorder.cut(4, health).slice()).failures.values()]
    expect(shown.map(({ arrival, second }) => [arrival, second])).toEqual(Array.from({ length: 10 }, (_, i) => [i, 4]))
    expect(totalsOf(recorder.cut(5, health).slice()).failures.size).toBe(0)
  })

  it('lets a name pass the redactor once, and counts what becomes one name together', () => {
    const asked: string[] = []
    const redact = (text: string): string => {
      asked.push(text)
      return text.replaceAll(/secret\d+/g, '[redacted]')
    }
    const recorder = new Recorder(of, true, redact)
    for (let n = 0; n < 50; n++) {
      recorder.count('seen secret1')
      recorder.count('seen secret2')
      recorder.time('took secret1', 5)
    }
    const totals = totalsOf(recorder.cut(0, health).slice())
    recorder.count('seen secret1')
    const later = totalsOf(recorder.cut(1, health).slice())
    expect([totals.counter('seen [redacted]'), later.counter('seen [redacted]')]).toEqual([100, 1])
    expect(totals.histogram('took [redacted]').count).toBe(50)
    expect(asked.filter((text) => text.startsWith('seen'))).toEqual(['seen secret1', 'seen secret2'])
    expect(new TextDecoder().decode(recorder.takeRows() ?? new Uint8Array())).toContain('took [redacted],5')
  })

  it('takes out what is secret of a failure before it cuts it short', () => {
    const recorder = new Recorder(of, false, (text) => text.replaceAll(/secret-\d+/g, '[redacted]'))
    const message = `${'x'.repeat(195)} secret-1234567`
    recorder.failure({
      code: 'E secret-1',
      message,
      scenario: 'secret-2',
      endpoint: 'GET /secret-3',
      status: 500,
      arrival: 1,
    })
    const [failure] = [...totalsOf(recorder.cut(0, health).slice()).failures.values()]
    expect(failure).toMatchObject({ code: 'E [redacted]', scenario: '[redacted]', endpoint: 'GET /[redacted]' })
    expect(failure?.message).toBe(`${'x'.repeat(195)} [red`)
  })

  it('names nothing as a terminal would obey it, nor longer than anybody reads', () => {
    const recorder = new Recorder(of, false)
    recorder.countIn('errors', 'error', `a\nb\u001b[2J${'x'.repeat(5_000)}`)
    const [name = ''] = [...totalsOf(recorder.cut(0, health).slice()).counters.keys()]
    expect(name).toMatch(/^errors\{error=a b\ufffd\[2Jx+…\}$/)
    expect(name).toHaveLength(1_000)
  })
})
