/** Scripts by chance, of all that the native engine may run. */
import type { Dice } from '../../support/answers.ts'
import { behavioursBy } from './behaviours.ts'
import type { Case } from './case.ts'
import { requestBy } from './request.ts'

type Spec = Record<string, unknown>

/** In one script in three: the functions around every request. */
const BEFORE = [
  'seeRequest',
  'addHeader',
  'dropHeader',
  'changeUrl',
  'useUri',
  'changeJson',
  'asyncBody',
  'bufferBody',
  'changeMethod',
  'closeConnection',
  'badMethod',
  ...['changeVars', 'failsBefore', 'rejectsBefore', 'throwsBefore', 'noSuchHook', 'see{{ kind }}'],
]
const AFTER = ['seeResponse', 'setsAfter', 'asyncAfter', 'failsAfter', 'rejectsAfter', 'throwsAfter', 'noSuchHook']
const ON_ERROR = ['seeError', 'countError', 'failsOnError']
const STEPS = ['setSync', 'setLater', 'setAsync', 'counts', 'keepVars', 'noSuchFunction']
const FAILING = ['fails', 'failsWithCode', 'failsAsync', 'throws']

// No value that has Artillery fill in without end: itself as a template, or `$&`.
const VALUES: readonly unknown[] = [
  ...[
    'plain',
    '',
    'ä ö €',
    'a b&c=d',
    '{{ kind }}',
    '{{',
    '}}',
    "$1 $$ $`$'",
    '{ "a": 1 }',
    '100%',
    '%zz',
    '../..',
    '?q=1#f',
  ],
  ...[
    'a\r\nx-injected: 1',
    'a\nb',
    'a\rb',
    '\t',
    '\0',
    '\u0001',
    'ÿ',
    '\u{1f600}',
    '"quoted"',
    "'",
    '\\',
    'true',
    '12',
    ' padded ',
  ],
  ...[
    0,
    1,
    2.5,
    true,
    false,
    null,
    [],
    ['x', 'y'],
    [1, [2]],
    {},
    { inner: 'v', list: [1, 'two'] },
    { 'odd key': { deep: 1 } },
  ],
]

/** Names that every script's templates may ask for; not every script has them all. */
const NAMES = ['word', 'id', 'object', 'list', 'evil', 'path', 'name', 'token']

export function caseBy(dice: Dice, seed: number): Case {
  const together = dice.once(8)
  const users = dice.once(3) ? 1 + dice.below(3) : 1
  return {
    ...{ seed, users: together ? 2 + dice.below(4) : users, together },
    config: configBy(dice, together),
    variables: variablesBy(dice),
    scenario: scenarioBy(dice),
    answers: behavioursBy(dice, users),
  }
}

function configBy(dice: Dice, together: boolean): Spec {
  const http: Spec = { timeout: 1 }
  const headers: Spec = together ? { 'x-vu': '{{ k }}' } : {}
  if (dice.once(4)) headers['X-Default'] = dice.pick(['of all', '{{ word }}', '{{ missing }}', 7])
  if (dice.once(8)) headers['User-Agent'] = 'own'
  const defaults: Spec = Object.keys(headers).length > 0 ? { headers } : {}
  if (dice.once(10)) defaults.cookie = { preset: dice.pick(['one', '{{ word }}']) }
  if (dice.once(8)) defaults.strictCapture = dice.once(2)
  if (dice.once(20)) defaults.think = { jitter: '20%' }
  if (Object.keys(defaults).length > 0) http.defaults = defaults
  if (together || dice.once(10)) http.pool = dice.pick([1, 2, 5])
  if (dice.once(6)) http.extendedMetrics = true
  if (dice.once(15)) http.distributedTracing = dice.pick<unknown>([true, { sampled: false, traceIdPrefix: 'ZZff' }])
  return { http, ...pluginsBy(dice) }
}

function pluginsBy(dice: Dice): Spec {
  const plugins: Spec = {}
  if (dice.once(6))
    plugins.expect = dice.pick<unknown>([
      {},
      { reportFailuresAsErrors: true, outputFormat: 'json' },
      { expectDefault200: true },
    ])
  if (dice.once(6))
    plugins['metrics-by-endpoint'] = dice.pick<unknown>([
      {},
      { useOnlyRequestNames: true },
      { groupDynamicURLs: false },
      { stripQueryString: true, metricsNamespace: 'own' },
    ])
  if (dice.once(12)) plugins.apdex = {}
  return Object.keys(plugins).length === 0
    ? {}
    : { plugins, ...('apdex' in plugins ? { apdex: { threshold: 100_000 } } : {}) }
}

function variablesBy(dice: Dice): Spec {
  const variables: Spec = { kind: 'Request' }
  for (const name of NAMES) if (!dice.once(4)) variables[name] = dice.once(3) ? 'simple' : dice.pick(VALUES)
  if (dice.once(2)) variables.object = { inner: dice.pick(VALUES), list: [dice.pick(VALUES)], 'odd key': 1 }
  if (dice.once(2)) variables.list = Array.from({ length: dice.below(4) }, () => dice.pick(VALUES))
  return variables
}

function scenarioBy(dice: Dice): Case['scenario'] {
  const scenario: Case['scenario'] = { engine: 'http', flow: flowBy(dice, 1 + dice.below(5), 2) }
  const some = (names: readonly string[]): unknown =>
    dice.once(2) ? dice.pick(names) : [dice.pick(names), dice.pick(names)]
  if (dice.once(3)) {
    if (dice.once(2)) scenario.beforeRequest = some(BEFORE)
    if (dice.once(2)) scenario.afterResponse = some(AFTER)
    if (dice.once(2)) scenario.onError = some(ON_ERROR)
  }
  if (dice.once(6)) scenario.beforeScenario = some(STEPS)
  if (dice.once(2)) scenario.afterScenario = ['keepVars']
  return scenario
}

function flowBy(dice: Dice, steps: number, deep: number): unknown[] {
  return Array.from({ length: steps }, () => stepBy(dice, deep))
}

function stepBy(dice: Dice, deep: number): unknown {
  const kind = dice.below(20)
  if (kind === 0) return { think: dice.pick<unknown>(['3ms', '{{ missing }}ms', 0, '0.002', '2 ms']) }
  if (kind === 1)
    return {
      log: dice.pick<unknown>(['of {{ word }} and {{ missing }}', '{{ object }}', '{{ list }}', { a: '{{ id }}' }]),
    }
  if (kind === 2) return { function: dice.pick(STEPS) }
  if (kind === 3 && dice.once(3)) return { function: dice.pick(FAILING) }
  if ((kind === 4 || kind === 5) && deep > 0) return loopBy(dice, deep - 1)
  const method = dice.pick(['get', 'get', 'get', 'post', 'post', 'put', 'patch', 'delete', 'head', 'options'])
  const request = requestBy(dice, method)
  if (dice.once(10)) request.beforeRequest = dice.pick(BEFORE)
  if (dice.once(10)) request.afterResponse = dice.pick(AFTER)
  return { [method]: request }
}

function loopBy(dice: Dice, deep: number): Spec {
  const loop: Spec = { loop: flowBy(dice, 1 + dice.below(2), deep) }
  const kind = dice.below(4)
  if (kind === 0) loop.count = dice.pick<unknown>([1, 2, 3, '2', '1-3', '{{ id }}', 'x', '0'])
  else if (kind === 1)
    loop.over = dice.pick<unknown>([
      'list',
      'object.list',
      'missing',
      'word',
      ['a', '{{ word }}', 3],
      [],
      [{ a: '{{ word }}' }],
    ])
  else if (kind === 2) {
    loop.over = 'list'
    loop.loopElement = 'element'
    loop.loopValue = 'n'
  } else loop.whileTrue = 'again'
  // Without an end of its own it would have none.
  if (kind === 3 && dice.once(2)) loop.count = 2
  return loop
}
