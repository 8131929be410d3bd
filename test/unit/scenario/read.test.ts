import { describe, expect, it } from 'vitest'
import { GOOD, good, read, refusal } from './folder.ts'

describe('a script', () => {
  it('is read to what it says, with everything left out at its default', async () => {
    const script = await read(GOOD)
    expect(script).toMatchObject({
      ...{ target: 'http://127.0.0.1:8080', feeds: [], variables: {}, environment: null, processor: null },
      ...{ wishes: { workers: null, seed: null }, scenarios: [{ name: '0', weight: 1 }] },
    })
    expect(script.source.file).toBe(`${script.source.folder}/script.yml`)
  })

  it('may be JSON', async () => {
    const phases = [{ duration: 1, arrivalRate: 1 }]
    const json = { config: { target: 'http://a.b', phases }, scenarios: [{ flow: [{ get: { url: '/' } }] }] }
    const script = await read(JSON.stringify(json, null, 2), {}, { path: 'script.json' })
    expect(script.target).toBe('http://a.b')
  })

  it('may use anchors and merge keys', async () => {
    const phases = '    - &load\n      duration: 60\n      arrivalRate: 5\n    - { <<: *load, name: again }\n'
    const script = await read(good('    - duration: 60\n      arrivalRate: 5\n', phases))
    expect(script.phases.map(({ name, duration }) => [name, duration])).toEqual([
      ['phase 1', 60],
      ['again', 60],
    ])
  })

  it('names its scenarios, and those without a name by their place, as Artillery does', async () => {
    const { scenarios } = await read(`${GOOD}  - name: second\n    weight: "2.5"\n    flow: [{ think: 1 }]\n`)
    expect(scenarios.map(({ name, weight }) => [name, weight])).toEqual([
      ['0', 1],
      ['second', 2.5],
    ])
  })

  it('may wish for workers and a seed', async () => {
    const { wishes } = await read(good('  phases:', '  slsart: { workers: 3, seed: 42 }\n  phases:'))
    expect(wishes).toEqual({ workers: 3, seed: 42, maxCost: null, price: null })
  })

  it.each([
    ['{ maxCost: 2.5, price: { usdPerWorkerHour: 0.07 } }', { maxCost: 2.5, price: { usdPerWorkerHour: 0.07 } }],
    ['{ price: { usdPerGbSecond: 1.0e-5 } }', { maxCost: null, price: { usdPerGbSecond: 1e-5 } }],
  ])('may say what it may cost, and what is paid: %s', async (text, money) => {
    expect((await read(good('  phases:', `  slsart: ${text}\n  phases:`))).wishes).toMatchObject(money)
  })

  it.each([
    ['{ maxCost: 0 }', 'config.slsart.maxCost'],
    ['{ maxCost: -1 }', 'config.slsart.maxCost'],
    ['{ maxCost: a lot }', 'config.slsart.maxCost'],
    ['{ maxCost: .inf }', 'config.slsart.maxCost'],
    ['{ price: { usdPerWorkerHour: 0 } }', 'config.slsart.price.usdPerWorkerHour'],
    ['{ price: {} }', 'must say either usdPerWorkerHour or usdPerGbSecond'],
    ['{ price: { usdPerWorkerHour: 1, usdPerGbSecond: 1 } }', 'must say either usdPerWorkerHour or usdPerGbSecond'],
    ['{ price: { usdPerHour: 1 } }', 'usdPerHour'],
  ])('are refused money that is none: %s', async (text, says) => {
    expect(await refusal(good('  phases:', `  slsart: ${text}\n  phases:`))).toContain(says)
  })

  it('may have keys of its own that are near none of ours', async () => {
    const { config } = await read(good('  phases:', '  myTeam: payments\n  phases:'))
    expect(config.myTeam).toBe('payments')
  })

  it('knows its processor by absolute path', async () => {
    const { processor, source } = await read(good('  phases:', '  processor: ./lib/hooks.ts\n  phases:'))
    expect(processor).toBe(`${source.folder}/lib/hooks.ts`)
  })
})

describe('a script is refused', () => {
  it.each<[string, string, string]>([
    ['when it cannot be parsed', 'config: [\n  a: b: c', 'script.yml:2:'],
    ['when a key stands twice', GOOD.replace('scenarios', 'config: {}\nscenarios'), 'script.yml:6:1: '],
    ['when it is empty', '', 'script.yml:1:1: a script is a map'],
    ['when it is a list', '- config', 'script.yml:1:1: a script is a map'],
    ['when it has no config', 'scenarios: []', 'script: there is no `config:`'],
    ['when its config is no map', 'config: 5\nscenarios: []', 'script.yml:1:1: config: must be a map'],
    ['when it has no scenarios', GOOD.slice(0, GOOD.indexOf('scenarios')), 'scenarios'],
    [
      'when its list of scenarios is empty',
      `${GOOD.slice(0, GOOD.indexOf('scenarios'))}scenarios: []`,
      'script.yml:6:1: scenarios',
    ],
    [
      'when a scenario has no flow',
      good('flow:\n      - get: { url: / }', 'name: a'),
      'script.yml:7:5: scenarios[0].flow',
    ],
    [
      'when it has no target',
      good('  target: http://127.0.0.1:8080\n', ''),
      'script.yml:1:1: the script has no target',
    ],
    [
      'when its target is no address',
      good('http://127.0.0.1:8080', 'example'),
      'script.yml:2:3: config.target: "example" is not',
    ],
    [
      'when its target is of another kind',
      good('http:', 'ftp:'),
      'script.yml:2:3: config.target: "ftp://127.0.0.1:8080" is not',
    ],
    [
      'when a key is misspelt',
      good('scenarios', 'scenarois'),
      'script.yml:6:1: unknown key "scenarois" in the script\n  Did you mean "scenarios"?',
    ],
    [
      'when a key of config is misspelt',
      good('phases', 'phase'),
      'script.yml:3:3: unknown key "phase" in config\n  Did you mean "phases"?',
    ],
    [
      'when a key of a scenario is misspelt',
      good('- flow', '- weightt: 2\n    flow'),
      'script.yml:7:5: unknown key "weightt" in scenarios[0]\n  Did you mean "weight"?',
    ],
    ['when it wishes for a slip', good('  phases:', '  slsart: { worker: 2 }\n  phases:'), 'Did you mean "workers"?'],
    [
      'when it wishes for no workers',
      good('  phases:', '  slsart: { workers: 0 }\n  phases:'),
      'script.yml:3:13: config.slsart.workers',
    ],
    [
      'when a weight is none',
      good('- flow', '- weight: heavy\n    flow'),
      'script.yml:7:5: scenarios[0].weight: must be a number ≥ 0, or a template of `config.variables` that comes to one',
    ],
    [
      'when a weight is below 0',
      good('- flow', '- weight: "-1"\n    flow'),
      'script.yml:7:5: scenarios[0].weight: must be a number ≥ 0, or a template of `config.variables` that comes to one',
    ],
    ['when every weight is 0', good('- flow', '- weight: 0\n    flow'), 'script.yml:6:1: scenarios: every weight is 0'],
  ])('%s', async (_, script, message) => {
    expect(await refusal(script)).toContain(message)
  })

  it('when it is not there', async () => {
    const told = await refusal(null, {}, { path: 'gone.yml' })
    expect(told).toMatch(/^gone\.yml: cannot read the script: ENOENT/)
    expect(told).toContain('Give the path of a YAML or JSON script with -p.')
  })
})

describe('what cannot run is refused by name, never ignored', () => {
  it.each<[string, string, string]>([
    [
      'a hook in grpc',
      `${GOOD}before: { engine: grpc, flow: [] }\n`,
      'script.yml:9:11: there is no engine "grpc"\n  Name it under `config.engines`.',
    ],
    [
      'a plugin that is not installed',
      good('  phases:', '  plugins: { hdr: {} }\n  phases:'),
      'script.yml:3:14: the plugin "hdr" is not installed\n  npm install artillery-plugin-hdr',
    ],
    [
      'an engine that is not installed',
      good('  phases:', '  engines: { grpc: {} }\n  phases:'),
      'script.yml:3:14: the engine "grpc" is not installed\n  npm install artillery-engine-grpc',
    ],
    [
      'browsers',
      good('  phases:', '  engines: { playwright: {} }\n  phases:'),
      'script.yml:3:14: scenarios in browsers are not supported',
    ],
    [
      'a slip in an engine’s name',
      good('- flow', '- engine: htpt\n    flow'),
      'script.yml:7:5: there is no engine "htpt"\n  Did you mean "http"?',
    ],
  ])('%s', async (_, script, message) => {
    const told = await refusal(script)
    expect(told).toContain(message)
  })

  it('in an environment too, when that is chosen', async () => {
    const script = good('  phases:', '  environments:\n    dev:\n      engines: { grpc: {} }\n  phases:')
    expect(await refusal(script, {}, { environment: 'dev' })).toMatch(
      /^script\.yml:5:18: the engine "grpc" is not installed/,
    )
    expect((await read(script)).environment).toBeNull()
  })
})

describe('an environment', () => {
  const script = good(
    '  phases:',
    '  environments:\n    dev:\n      target: http://dev.example\n      phases: [{ arrivalRate: 1 }]\n      http: { timeout: 3 }\n    prod: {}\n  phases:',
  )

  it('is merged over config: keys by name, phases by position', async () => {
    const { target, phases, config, environment } = await read(script, {}, { environment: 'dev' })
    expect({ target, environment }).toEqual({ target: 'http://dev.example', environment: 'dev' })
    expect(phases).toMatchObject([{ duration: 60, load: { kind: 'rate', from: 1, to: 1 } }])
    expect(config).toMatchObject({ http: { timeout: 3 } })
  })

  it('that says nothing changes nothing', async () => {
    expect((await read(script, {}, { environment: 'prod' })).target).toBe('http://127.0.0.1:8080')
  })

  it('not chosen changes nothing, and is no part of config', async () => {
    const { target, config } = await read(script)
    expect(target).toBe('http://127.0.0.1:8080')
    expect(config).not.toHaveProperty('environments')
  })

  it('that the script does not have is refused, with those it has', async () => {
    const told = await refusal(script, {}, { environment: 'test' })
    expect(told).toBe('script.yml:1:1: the script has no environment "test"\n  It has: dev, prod.')
  })

  it('that is chosen and the script has none at all is refused', async () => {
    expect(await refusal(GOOD, {}, { environment: 'dev' })).toContain('It has no `environments` under `config:`.')
  })

  it('named like something that every object has is refused as well', async () => {
    expect(await refusal(script, {}, { environment: 'toString' })).toContain('has no environment "toString"')
  })

  it('is where an error points that it caused', async () => {
    const wrong = script.replace('arrivalRate: 1', 'arrivalRate: -1')
    expect(await refusal(wrong, {}, { environment: 'dev' })).toMatch(
      /^script\.yml:6:18: config\.phases\[0\]\.arrivalRate/,
    )
  })
})

describe('the target given with the command', () => {
  it('is over the script’s and its environment’s', async () => {
    const script = good('  phases:', '  environments: { dev: { target: "http://dev.example" } }\n  phases:')
    const { target } = await read(script, {}, { environment: 'dev', target: 'https://given.example' })
    expect(target).toBe('https://given.example')
  })

  it('is enough when the script has none', async () => {
    const script = good('  target: http://127.0.0.1:8080\n', '')
    expect((await read(script, {}, { target: 'https://given.example' })).target).toBe('https://given.example')
  })
})

describe('a template in config', () => {
  const script = good('http://127.0.0.1:8080', 'http://{{ $env.HOST }}').replace(
    'arrivalRate: 5',
    'arrivalRate: "{{ $env.RATE }}"',
  )

  it('is filled in from the process’s environment, numbers too', async () => {
    const { target, phases } = await read(script, {}, { env: { HOST: 'a.b', RATE: '7' } })
    expect(target).toBe('http://a.b')
    expect(phases[0]?.load).toEqual({ kind: 'rate', from: 7, to: 7 })
  })

  it('whose variable is not set is refused, with its place', async () => {
    const told = await refusal(script, {}, { env: { HOST: 'a.b' } })
    expect(told).toMatch(/^script\.yml:5:7: the environment variable RATE is not set/)
    expect(told).toContain('Set it: RATE=… slsart …')
  })

  it('in an environment that is not chosen need not be set', async () => {
    const quiet = good('  phases:', '  environments: { dev: { target: "{{ $env.NOWHERE }}" } }\n  phases:')
    expect((await read(quiet)).target).toBe('http://127.0.0.1:8080')
  })
})
