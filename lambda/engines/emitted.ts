/** What hooks, plugins and Artillery's own engines emit, into the frame under Artillery's names. */
import { EventEmitter } from 'node:events'
import type { Failure } from '../../src/measure/frame.ts'
import { artillery, artilleryRate } from '../../src/measure/names.ts'
import { secretsIn } from '../../src/secrets/collect.ts'
import { isSecretName } from '../../src/secrets/names.ts'
import type { Redactor } from '../../src/secrets/redactor.ts'
import { millisToMicros } from '../../src/units.ts'
import type { Recorder } from '../recorder.ts'

/** `stopped`: says of an error's code whether it only means that the run was stopped. */
export function recorded(recorder: Recorder, stopped: (code: unknown) => boolean): EventEmitter {
  const events = new EventEmitter()
  events.on('counter', (name: string, by: unknown) => {
    // Hooks may count anything; a frame carries whole numbers.
    const whole = Math.round(Number(by))
    if (Number.isSafeInteger(whole)) recorder.count(artillery(name), whole)
  })
  events.on('rate', (name: string) => recorder.count(artilleryRate(name)))
  const summary = (name: string, ms: number): void => {
    // Artillery reports NaN for parts of a request that did not happen, such as TLS on plain HTTP.
    if (Number.isFinite(ms)) recorder.time(artillery(name), millisToMicros(ms))
  }
  events.on('histogram', summary)
  events.on('summary', summary)
  events.on('customStat', ({ stat, value }: { stat: string; value: number }) => summary(stat, value))
  events.on('error', (code: unknown) => {
    if (stopped(code)) return
    recorder.count(artillery(`errors.${code}`))
    recorder.countIn('errors', 'error', String(code))
  })
  return events
}

/** Of a warm-up phase, whose events are counted nowhere. */
export const unrecorded = (): EventEmitter => new EventEmitter().on('error', () => {})

type Captured = { captures: Record<string, { value?: unknown }> }

/** What is captured under the name of a secret is one. */
export function learnCaptures(events: EventEmitter, redactor: Redactor): void {
  events.on('trace:http:capture', ({ captures }: Captured) => {
    for (const [name, { value }] of Object.entries(captures)) {
      if (isSecretName(name)) redactor.learnPassing(secretsIn({ [name]: value }))
    }
  })
}

/** A virtual user that failed, to be shown as a sample. */
export function failureOf(
  error: unknown,
  of: Pick<Failure, 'scenario' | 'endpoint' | 'status' | 'arrival'>,
): Omit<Failure, 'second'> {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown }
  return {
    code: String(code ?? message ?? error),
    message: String(message ?? error),
    ...of,
  }
}
