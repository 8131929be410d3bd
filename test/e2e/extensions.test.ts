/** Plugins and engines from npm: found where Artillery finds them, at work in the workers and at the conductor. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { type Ended, readReport, run, start, workFolder } from '../support/cli.ts'

const installed = join(import.meta.dirname, '../../node_modules')

type Files = Record<string, string>
const packageOf = (name: string, code: string, type = 'commonjs'): Files => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', main: 'index.js', type }),
  [`node_modules/${name}/index.js`]: code,
})

const scriptWith = (config: string, scenario = 'flow: [{ get: { url: /items/1 } }]'): string => `config:
  target: "{{ $env.TARGET }}"
  phases: [{ name: only, duration: 1, arrivalCount: 6 }]
${config}scenarios:
  - ${scenario}
`

async function invoke(
  files: Files,
  more: string[] = [],
  env: Record<string, string> = {},
): Promise<Ended & { folder: string; seen: string[] }> {
  const target = await startTarget()
  const seen: string[] = []
  target.watch(({ path, headers }) => seen.push(`${path} ${headers['x-plugin'] ?? ''}`))
  const folder = workFolder(files)
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-q', '-o', 'report.json', ...more]
  const ended = await run(folder, args, { TARGET: target.url, ...env })
  await target.close()
  return { ...ended, folder, seen }
}

const SECOND = `const { appendFileSync } = require('node:fs')
const note = (what) => appendFileSync('heard.txt', (process.env.LOCAL_WORKER_ID ? 'worker ' : 'conductor ') + what + '\\n')
class Plugin {
  constructor(script, events) {
    const { header } = script.config.plugins.marks
    if (process.env.LOCAL_WORKER_ID) {
      script.config.processor.mark = (request, context, ee, done) => {
        request.headers = { ...request.headers, 'x-plugin': header }
        ee.emit('counter', 'marks.made', 1)
        done()
      }
      for (const scenario of script.scenarios) scenario.beforeRequest = ['mark'].concat(scenario.beforeRequest || [])
      return
    }
    events.on('phaseStarted', (phase) => note('phaseStarted ' + phase.name))
    events.on('phaseCompleted', (phase) => note('phaseCompleted ' + phase.name))
    events.on('stats', (stats) => note('stats ' + stats.counters['vusers.created'] + ' ' + stats.summaries['http.response_time'].count))
    events.on('done', (stats) => note('done ' + stats.counters['marks.made']))
    global.artillery.ext({ ext: 'beforeExit', method: async ({ report }) => note('beforeExit ' + report.counters['vusers.completed']) })
  }
  cleanup(done) {
    note('cleanup')
    done()
  }
}
module.exports = { Plugin, LEGACY_METRICS_FORMAT: false }
`

test.concurrent('a plugin changes the script in the workers, hears the merged metrics at the conductor, and is cleaned up', async () => {
  const { code, stderr, seen, folder } = await invoke({
    'script.yml': scriptWith('  plugins: { marks: { header: blue } }\n'),
    ...packageOf('artillery-plugin-marks', SECOND),
  })
  expect(code, stderr).toBe(0)
  expect(seen).toEqual(Array(6).fill('/items/1 blue'))
  expect(readReport(folder).aggregate.counters['marks.made']).toBe(6)
  const heard = readFileSync(join(folder, 'heard.txt'), 'utf8').trim().split('\n')
  expect(heard.filter((line) => line === 'worker cleanup')).toHaveLength(2)
  expect(heard.filter((line) => line.startsWith('conductor'))).toEqual([
    'conductor phaseStarted only',
    'conductor phaseCompleted only',
    'conductor stats 6 6',
    'conductor done 6',
    'conductor beforeExit 6',
    'conductor cleanup',
  ])
})

test.concurrent('a plugin of the first kind is a function that gets the config, and reports of Artillery 1', async () => {
  const first = `module.exports = function (config, events) {
  if (process.env.LOCAL_WORKER_ID) return
  events.on('done', (stats) => {
    const { scenariosCreated, requestsCompleted, codes, latency } = stats.report()
    console.log('first', config.plugins.first.word, scenariosCreated, requestsCompleted, JSON.stringify(codes), typeof latency.p95)
  })
}\n`
  const { code, stdout, stderr } = await invoke(
    {
      'script.yml': scriptWith('  plugins: { first: { word: hello } }\n'),
      'more/artillery-plugin-first/index.js': first,
    },
    [],
    { ARTILLERY_PLUGIN_PATH: 'more' },
  )
  expect(code, stderr).toBe(0)
  expect(stdout).toContain('first hello 6 6 {"200":6} number')
})

test.concurrent('an ES module in a scope is a plugin too, and one named in ARTILLERY_PLUGINS', async () => {
  const plugin = `export class Plugin {
  constructor(script, events) {
    if (!process.env.LOCAL_WORKER_ID) events.on('done', () => console.log('heard', Object.keys(script.config.plugins).join()))
  }
}\n`
  const { code, stdout, stderr } = await invoke(
    {
      'script.yml': scriptWith('  plugins: { quiet: { scope: "@me/" } }\n'),
      ...packageOf('@me/quiet', plugin, 'module'),
      ...packageOf('artillery-plugin-more', plugin, 'module'),
    },
    [],
    { ARTILLERY_PLUGINS: '{"more": {}}' },
  )
  expect(code, stderr).toBe(0)
  expect(stdout.match(/heard quiet,more/g)).toHaveLength(2)
})

test.concurrent('an engine from npm runs scenarios, is counted, and its sessions are timed', async () => {
  const engine = `class Engine {
  constructor(script, events, util) {
    Object.assign(this, { script, util })
  }
  createScenario(spec, events) {
    return (context, done) => {
      events.emit('counter', 'own.said', spec.flow.length)
      const words = spec.flow.map(({ say }) => this.util.template(say, context)).join()
      fetch(this.script.config.target + '/items/1?' + words).then(() => setTimeout(done, 30, null, context), (error) => done(error, context))
    }
  }
}
module.exports = Engine\n`
  const { code, stderr, seen, folder } = await invoke({
    'script.yml': scriptWith(
      '  engines: { own: {} }\n  variables: { word: hello }\n',
      'engine: own\n    flow: [{ say: "{{ word }}" }, { say: again }]',
    ),
    ...packageOf('artillery-engine-own', engine),
  })
  expect(code, stderr).toBe(0)
  expect(seen).toEqual(Array(6).fill('/items/1?hello,again '))
  const report = readReport(folder)
  expect(report.aggregate.counters).toMatchObject({ 'own.said': 12, 'vusers.completed': 6 })
  expect(report.endpoints).toMatchObject([{ endpoint: 'own session', requests: 6, responses: 6 }])
  expect(report.latency_ms.service.min).toBeGreaterThan(29)
})

test.concurrent('the slack plugin of an installed Artillery sends its report of the merged run', async () => {
  const told: string[] = []
  const slack = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => told.push(String(chunk)))
    request.on('end', () => response.end('ok'))
  })
  await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void slack.close())
  const url = `http://127.0.0.1:${(slack.address() as AddressInfo).port}/hook`
  const folder = workFolder()
  symlinkSync(installed, join(folder, 'node_modules'))
  const target = await startTarget()
  const script = scriptWith(
    `  plugins: { slack: { webhookUrl: "${url}" }, ensure: { thresholds: [{ vusers.created: 3 }] } }\n`,
  )
  writeFileSync(join(folder, 'script.yml'), script)
  const { code, stderr } = await run(folder, ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-q'], {
    TARGET: target.url,
  })
  await target.close()
  expect(code, stderr).toBe(10)
  const [message = ''] = told
  expect(message).toContain('Artillery test run failed (script.yml)')
  expect(message).toContain('6 completed / 6 created')
  expect(message).toContain('vusers.created < 3')
})

test.concurrent('publish-metrics of an installed Artillery pushes the merged metrics', async () => {
  const pushed: string[] = []
  const gateway = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => pushed.push(String(chunk)))
    request.on('end', () => response.end())
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void gateway.close())
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
  const target = await startTarget()
  const folder = workFolder({
    'script.yml': scriptWith(`  plugins: { publish-metrics: [{ type: prometheus, pushgateway: "${url}" }] }\n`),
  })
  symlinkSync(installed, join(folder, 'node_modules'))
  const { code, stderr } = await run(folder, ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-q'], {
    TARGET: target.url,
  })
  await target.close()
  expect(code, stderr).toBe(0)
  expect(pushed.join('\n')).toMatch(/artillery_counters\{metric="vusers_created"[^}]*\} 6/)
})

test.concurrent('what is not installed is refused with what to install', async () => {
  const refused = async (config: string): Promise<Ended> => {
    const folder = workFolder({ 'script.yml': scriptWith(config) })
    return run(folder, ['plan', '-p', 'script.yml'], { TARGET: 'http://127.0.0.1:1' })
  }
  const plugin = await refused('  plugins: { hdr: {} }\n')
  expect(plugin).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('script.yml:4:14: the plugin "hdr" is not installed'),
  })
  expect(plugin.stderr).toContain('npm install artillery-plugin-hdr')
  const engine = await refused('  engines: { kafka: {} }\n')
  expect(engine).toMatchObject({ code: 2, stderr: expect.stringContaining('npm install artillery-engine-kafka') })
  expect((await refused('  engines: { playwright: {} }\n')).stderr).toContain('scenarios in browsers are not supported')
})

test.concurrent('a plugin that cannot be loaded ends the run before anything is sent', async () => {
  const { code, stderr, seen } = await invoke({
    'script.yml': scriptWith('  plugins: { broken: {} }\n'),
    ...packageOf('artillery-plugin-broken', "throw new Error('no such key')\n"),
  })
  expect({ code, seen }).toEqual({ code: 2, seen: [] })
  expect(stderr).toContain('the plugin "broken" cannot be loaded: no such key')
})

test.concurrent.each([
  ['plugin', '  plugins: { broken: {} }\n', 'flow: [{ get: { url: /items/1 } }]'],
  ['engine', '  engines: { broken: {} }\n', 'engine: broken\n    flow: [{ a: 1 }]'],
])('a %s that breaks in the worker ends the run before anything is sent', async (kind, config, scenario) => {
  const broken = `class Broken { constructor() { if (process.env.LOCAL_WORKER_ID) throw new Error('half of it') } }
module.exports = ${kind === 'plugin' ? '{ Plugin: Broken }' : 'Broken'}\n`
  const files = { 'script.yml': scriptWith(config, scenario), ...packageOf(`artillery-${kind}-broken`, broken) }
  const { code, stderr, seen } = await invoke(files)
  expect({ code, seen }).toEqual({ code: 2, seen: [] })
  expect(stderr).toContain(`the script's code cannot be loaded: the ${kind} "broken": Error: half of it`)
})

test.concurrent('^C ends the waiting for plugins that do not end, and loses nothing', { timeout: 20_000 }, async () => {
  const endless = `exports.Plugin = class {
  constructor() {
    if (!process.env.LOCAL_WORKER_ID) artillery.ext({ ext: 'beforeExit', method: () => { console.error('waiting'); return new Promise(() => {}) } })
  }
}\n`
  const target = await startTarget()
  const folder = workFolder({
    'script.yml': scriptWith('  plugins: { endless: {} }\n'),
    ...packageOf('artillery-plugin-endless', endless),
  })
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '1', '-q', '-o', 'report.json']
  const { child, ended, stderrHas } = start(folder, args, { TARGET: target.url })
  await stderrHas('waiting')
  child.kill('SIGINT')
  const at = performance.now()
  const { code, stdout } = await ended
  await target.close()
  expect(performance.now() - at).toBeLessThan(2_000)
  expect(code).toBe(0)
  expect(stdout).toContain('launched 6')
  expect(readReport(folder).ledger).toMatchObject({ completed: 6, balanced: true })
})

const HOOKS = `module.exports = {
  shout(context, events, done) {
    artillery.log('said', context.vars.n)
    artillery.suggestedExitCode = 3
    done()
  },
}\n`

test.concurrent('what a processor logs is in the run’s logs, and the exit code it suggests ends the run', async () => {
  const script = scriptWith(
    '  processor: ./hooks.js\n  variables: { n: 42 }\n',
    'flow: [{ function: shout }, { get: { url: /items/1 } }]',
  )
  const files = { 'script.yml': script, 'hooks.js': HOOKS }
  const { code, stdout, folder } = await invoke(files)
  expect(code).toBe(10)
  expect(stdout).toContain('suggested the exit code 3')
  const { run: about, verdict } = readReport(folder)
  expect(verdict).toMatchObject({ result: 'fail', reasons: [{ kind: 'suggested' }] })
  expect(readFileSync(join(folder, `.slsart/runs/${about.id}/logs/worker-0.log`), 'utf8')).toContain('said 42')
  expect((await invoke(files, ['--artillery-exit-codes'])).code).toBe(3)
})
