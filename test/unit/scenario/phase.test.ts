import { describe, expect, it } from 'vitest'
import type { Phase } from '../../../src/plan/profile.ts'
import { good, read, refusal } from './folder.ts'

/** One phase in flow style, on line 4 from column 7. */
const script = (phase: string): string => good('    - duration: 60\n      arrivalRate: 5\n', `    - { ${phase} }\n`)
const phaseOf = async (phase: string): Promise<Phase | undefined> => (await read(script(`${phase}`))).phases[0]

describe('a phase', () => {
  it.each<[string, Partial<Phase>]>([
    ['duration: 60, arrivalRate: 5', { duration: 60, load: { kind: 'rate', from: 5, to: 5 } }],
    ['duration: 60, arrivalRate: 0.1', { load: { kind: 'rate', from: 0.1, to: 0.1 } }],
    ['duration: 60, arrivalRate: 1, rampTo: 9', { load: { kind: 'rate', from: 1, to: 9 } }],
    ['duration: 60, arrivalRate: 9, rampTo: 0', { load: { kind: 'rate', from: 9, to: 0 } }],
    ['duration: 60, rampTo: 9', { load: { kind: 'rate', from: 0, to: 9 } }],
    ['duration: 60, arrivalCount: 7', { load: { kind: 'count', arrivals: 7 } }],
    ['duration: 5m, arrivalRate: "5"', { duration: 300, load: { kind: 'rate', from: 5, to: 5 } }],
    ['duration: "1.5", arrivalRate: 5', { duration: 1.5 }],
    ['duration: 1, arrivalRate: 5, maxVusers: "10"', { maxVusers: 10 }],
    ['duration: 1, arrivalRate: 5', { maxVusers: null, name: 'phase 1' }],
    ['duration: 1, arrivalRate: 5, name: warm up', { name: 'warm up' }],
    ['duration: 1, arrivalRate: 5, mode: uniform', { load: { kind: 'rate', from: 5, to: 5 } }],
    ['duration: 1, arrivalRate: 5, mode: poisson', { load: { kind: 'poisson', from: 5, to: 5 } }],
    ['duration: 1, rampTo: 5, mode: poisson', { load: { kind: 'poisson', from: 0, to: 5 } }],
    ['duration: 1, arrivalCount: 5, mode: poisson', { load: { kind: 'count', arrivals: 5 } }],
  ])('{ %s } is read', async (phase, expected) => {
    expect(await phaseOf(phase)).toMatchObject(expected)
  })

  it('takes its mode from the config, unless it has its own', async () => {
    const text = good('  phases:', '  mode: poisson\n  phases:\n    - { duration: 1, arrivalRate: 2, mode: uniform }')
    const { phases } = await read(text)
    expect(phases.map(({ load }) => load.kind)).toEqual(['rate', 'poisson'])
  })

  it('that pauses has its pause for a duration, and no load', async () => {
    const { phases } = await read(good('    - duration', '    - pause: 1m\n    - duration'))
    expect(phases[0]).toEqual({ name: 'phase 1', duration: 60, load: { kind: 'pause' }, maxVusers: null })
  })
})

describe('a phase is refused, with its place', () => {
  const at = 'script.yml:4:'
  it.each([
    ['duration: 60, arivalRate: 5', 'unknown key "arivalRate" in config.phases[0]\n  Did you mean "arrivalRate"?'],
    ['duration: 60, arrivalRate: -5', 'config.phases[0].arrivalRate: -5 is below 0'],
    ['duration: 60, arrivalRate: fast', 'config.phases[0].arrivalRate: "fast" is not a number'],
    ['duration: 60, arrivalRate: ""', 'config.phases[0].arrivalRate: "" is not a number'],
    ['duration: 60, arrivalRate: .nan', 'config.phases[0].arrivalRate: '],
    ['duration: 60, arrivalRate: .inf', 'config.phases[0].arrivalRate: '],
    ['duration: 60, arrivalRate: [5]', 'config.phases[0].arrivalRate: '],
    ['duration: 60, arrivalRate: 1, rampTo: -1', 'config.phases[0].rampTo: -1 is below 0'],
    ['duration: 0, arrivalRate: 5', 'config.phases[0].duration: "0" is not a duration above 0\n  For example: 60, 90s'],
    ['duration: -60, arrivalRate: 5', 'config.phases[0].duration: "-60" is not a duration above 0'],
    ['duration: soon, arrivalRate: 5', 'config.phases[0].duration: "soon" is not a duration above 0'],
    ['arrivalRate: 5', 'config.phases[0]: a phase needs a duration, or a pause'],
    [
      'duration: 60',
      'config.phases[0]: a phase needs arrivalRate, rampTo or arrivalCount\n  For no load at all, write',
    ],
    ['duration: 60, arrivalCount: 2.5', 'config.phases[0].arrivalCount: 2.5 is not a whole number ≥ 0'],
    [
      'duration: 60, arrivalCount: 9, arrivalRate: 5',
      'config.phases[0].arrivalCount: give arrivalCount or arrivalRate',
    ],
    ['duration: 60, arrivalCount: 9, rampTo: 5', 'config.phases[0].arrivalCount: give arrivalCount or arrivalRate'],
    ['duration: 60, arrivalRate: 5, maxVusers: 0', 'config.phases[0].maxVusers: 0 is not a whole number ≥ 1'],
    ['pause: 0', 'config.phases[0].pause: "0" is not a duration above 0'],
    ['pause: 5, arrivalRate: 5', 'config.phases[0].pause: a pause has no other load'],
    ['pause: 5, duration: 5', 'config.phases[0].pause: a pause has no other load'],
    [
      'duration: 60, arrivalRate: 5, mode: random',
      'config.phases[0].mode: "random" is not a mode\n  Allowed: uniform, poisson.',
    ],
  ])('{ %s }', async (phase, message) => {
    const told = await refusal(script(phase))
    expect(told).toContain(message)
    expect(told).toMatch(/^script\.yml:4:\d+: /)
    expect(told.startsWith(at)).toBe(true)
  })

  it('at the key that is wrong, not at the phase', async () => {
    expect(await refusal(script('duration: 60, arrivalRate: -5'))).toMatch(/^script\.yml:4:23: /)
  })

  it('when all phases together ask for nothing', async () => {
    expect(await refusal(script('pause: 60'))).toContain(
      'script.yml:3:3: config.phases: the phases ask for no arrivals',
    )
  })
})
