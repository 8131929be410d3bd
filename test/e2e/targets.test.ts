/** Where load may go: asked before a run, and held to by its workers, on both engines. Nothing here leaves this machine. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { invoke, readReport, run, workFolder } from '../support/cli.ts'
import { openTerminal } from '../support/terminal.ts'

/** A name that no resolver has. */
const ELSEWHERE = 'shop.invalid'
const script = (more = ''): string => `config:
  target: http://127.0.0.1:9
  phases: [{ duration: 1, arrivalCount: 1 }]
${more}scenarios:
  - flow:
      - get: { url: /here }
      - get: { url: "http://${ELSEWHERE}/there" }
`
const invoked = ['invoke', '-p', 'script.yml', '--local', '-q']

test.concurrent('a host that is not listed is refused before anything is sent, by name and place', async () => {
  const folder = workFolder({ 'script.yml': script() })
  const [plain, agreed, plan, json] = await Promise.all([
    run(folder, invoked),
    run(folder, [...invoked, '--yes', '--allow', '*.shop.invalid', '-t', 'http://other.invalid']),
    run(folder, ['plan', '-p', 'script.yml', '--local']),
    run(folder, ['plan', '-p', 'script.yml', '--json']),
  ])
  expect(plain.code).toBe(3)
  expect(plain.stderr).toBe(
    `slsart: script.yml:7:16: ${ELSEWHERE} is not an allowed target\n  Give --allow ${ELSEWHERE}, or list it under ` +
      '`config.slsart.allow`. This machine and private addresses need neither. No request was sent.\n',
  )
  expect(agreed.code).toBe(3)
  expect(agreed.stderr).toContain(
    `slsart: --target: other.invalid is not an allowed target; script.yml:7:16: ${ELSEWHERE} is not`,
  )
  expect(agreed.stderr).toContain(`Give --allow other.invalid --allow ${ELSEWHERE}, or`)
  expect(plan.code).toBe(0)
  expect(plan.stdout).toContain(
    `Would be refused: script.yml:7:16: ${ELSEWHERE} is not an allowed target.\nGive --allow`,
  )
  expect(JSON.parse(json.stdout)).toMatchObject({
    refusals: [{ what: 'target', host: ELSEWHERE, why: 'unlisted', at: { file: 'script.yml', line: 7 } }],
  })
})

test.concurrent('lists add up: by flags, in the environment and in the script', async () => {
  const steps = ['a.invalid', 'b.c.invalid', 'd.invalid'].map((host) => `      - get: { url: "http://${host}/" }\n`)
  const listed = `${script('  slsart: { allow: [D.invalid] }\n')}${steps.join('')}`
  const folder = workFolder({ 'script.yml': listed })
  const [missing, all] = await Promise.all([
    run(folder, [...invoked, '--allow', ELSEWHERE, '--allow', 'a.invalid']),
    run(folder, [...invoked, '--allow', ELSEWHERE, '--allow', 'a.invalid'], { SLSART_ALLOW: 'x.example, *.c.invalid' }),
  ])
  expect(missing.code).toBe(3)
  expect(missing.stderr).toContain('b.c.invalid is not an allowed target')
  expect(missing.stderr).not.toContain('; script.yml')
  expect(all.stdout).toContain('arrivals   due 1 = launched 1')
})

test.concurrent('what hands out credentials is refused, listed or not', async () => {
  const folder = workFolder({ 'script.yml': script() })
  const [asked, decimals, listed] = await Promise.all([
    run(folder, [...invoked, '-t', 'http://[fd00:ec2::254]/']),
    run(folder, [...invoked, '-t', 'http://0xa9.254.43518/']),
    run(folder, [...invoked, '--allow', '169.254.169.254']),
  ])
  expect(asked.code).toBe(3)
  expect(asked.stderr).toContain(
    "--target: fd00:ec2::254 is a cloud's metadata service or link-local: no load is ever sent",
  )
  expect(decimals.code).toBe(3)
  expect(decimals.stderr).toContain('169.254.169.254 is a cloud')
  expect(listed.code).toBe(2)
  expect(listed.stderr).toContain('--allow: 169.254.169.254 is a cloud')
})

test('on a terminal it is asked once in a project', async () => {
  const folder = workFolder({ 'script.yml': script() })
  const bin = join(import.meta.dirname, '../../bin/slsart.js')
  const command = `${process.execPath} ${bin} ${invoked.join(' ')}; echo "exit $?"; sleep 60`
  const first = openTerminal(folder, command, [120, 30])
  await first.shows(`script.yml:7:16: ${ELSEWHERE}`)
  await first.shows('do not ask again in this project? [y/N]')
  first.type('n', 'Enter')
  await first.shows('exit 3')
  const second = openTerminal(folder, command, [120, 30])
  await second.shows('[y/N]')
  second.type('y', 'Enter')
  await second.shows('launched 1')
  expect(JSON.parse(readFileSync(join(folder, '.slsart/targets.json'), 'utf8'))).toEqual({
    ...{ schema: 'slsart.targets/1', hosts: [ELSEWHERE] },
  })
  // Without a terminal it holds as well.
  expect((await run(folder, invoked)).stdout).toContain('launched 1')
})

const load = { duration: 1, arrivalCount: 4 }
const rows = (...values: string[]): Record<string, string> => ({ 'rows.csv': `${values.join('\n')}\n` })
const payload = { path: 'rows.csv', fields: ['to'], order: 'sequence' }

/** Answers, or sends on to where the query says. */
async function redirector(): Promise<{ url: string; close(): void }> {
  const server = createServer(({ url = '/' }, response) => {
    const to = new URL(url, 'http://x').searchParams.get('to')
    response.writeHead(to === null ? 200 : 302, to === null ? {} : { location: to }).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

test.concurrent.each(['artillery', 'native'])(
  'the %s engine follows no redirect and no template to such a place',
  async (engine) => {
    const target = await redirector()
    const config = { target: target.url, phases: [{ duration: 1, arrivalCount: 6 }], payload }
    const { report, stdout, folder } = await invoke(
      { config, scenarios: [{ flow: [{ get: { url: '{{ to }}' } }] }] },
      { workers: 1, more: ['--engine', engine] },
      rows(
        ...['/fine', '/?to=http://2852039166/', '/?to=http://203.0.113.9/', 'http://203.0.113.9/'],
        ...['http://[::ffff:a9fe:a9fe]/', `${target.url}/?to=/fine`],
      ),
    )
    target.close()
    expect(report.ledger).toMatchObject({ launched: 6, completed: 2, failed: 4, balanced: true })
    expect(report.errors).toMatchObject([
      { code: 'SLSART_METADATA', count: 2 },
      { code: 'SLSART_TARGET', count: 2, sample: { message: expect.stringContaining('--allow 203.0.113.9') } },
    ])
    expect(stdout).toContain('SLSART_TARGET: the workers connect to no host that is not listed.')
    expect((await run(folder, ['logs'])).stdout).toContain('connect SLSART_TARGET 203.0.113.9: not an allowed target')
  },
)

const HOOKS = `const dns = require('node:dns')
const own = dns.lookup
const answers = { 'rebound.localhost': ['127.0.0.1', '169.254.169.254'], 'shop.example': ['203.0.113.9'] }
dns.lookup = (name, options, done) => {
  const known = answers[name]
  if (known === undefined) return own(name, options, done)
  const address = known.length > 1 ? known.shift() : known[0]
  setImmediate(() => options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4))
}
module.exports = {
  async fetched(context, events) {
    const { cause } = await fetch('http://169.254.169.254/latest').catch((error) => error)
    events.emit('counter', 'fetched.' + cause.code, 1)
  },
}
`

test.concurrent("the user's code gets no further, whatever it makes of lookups", async () => {
  const target = await startTarget()
  const config = { target: target.url, phases: [load], payload, processor: './hooks.cjs' }
  const flow = [{ function: 'fetched' }, { get: { url: '{{ to }}' } }]
  const rebound = `http://rebound.localhost:${new URL(target.url).port}/items/1`
  const { report } = await invoke(
    { config, scenarios: [{ flow }] },
    { workers: 1, more: ['--engine', 'artillery'] },
    { 'hooks.cjs': HOOKS, ...rows(rebound, rebound, rebound, 'http://shop.example/') },
  )
  await target.close()
  expect(report.aggregate.counters['fetched.SLSART_METADATA']).toBe(4)
  expect(report.errors).toMatchObject([
    { code: 'SLSART_METADATA', count: 2 },
    { code: 'SLSART_TARGET', count: 1, sample: { message: expect.stringContaining('shop.example (203.0.113.9)') } },
  ])
  expect(target.counts.get('GET /items/1')).toBe(1)
})

test.concurrent.each([
  ['ws', 'of itself'],
  ['socketio', 'polling'],
  ['socketio', 'websocket'],
])('%s, %s, connects to no such place', async (engine, transport) => {
  const config = {
    target: 'http://rebound.localhost:9',
    phases: [{ duration: 1, arrivalCount: 2 }],
    processor: './hooks.cjs',
    ...(engine === 'socketio' ? { socketio: { transports: [transport] } } : {}),
  }
  const flow = engine === 'ws' ? [{ send: 'hello' }] : [{ emit: { channel: 'ask', data: 'hello' } }]
  const { report, folder } = await invoke(
    { config, scenarios: [{ engine, flow }] },
    { workers: 1, more: ['--allow', 'rebound.localhost'] },
    { 'hooks.cjs': HOOKS.replace("['127.0.0.1', '169.254.169.254']", "['169.254.169.254']") },
  )
  expect(report.ledger).toMatchObject({ launched: 2, failed: 2, balanced: true })
  expect(report.errors[0]?.code).toContain('SLSART_METADATA')
  expect((await run(folder, ['logs'])).stdout).toContain('connect SLSART_METADATA rebound.localhost (169.254.169.254)')
})

/** It connects to this machine whatever it is asked for, and tells what that was. */
async function proxyTo(target: string): Promise<{ url: string; asked: string[]; close(): void }> {
  const asked: string[] = []
  const proxy = createServer()
  proxy.on('connect', ({ url }, socket) => {
    asked.push(url ?? '')
    const through = connect(Number(new URL(target).port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    for (const end of [through, socket]) end.on('error', () => end.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const close = (): void => {
    proxy.closeAllConnections()
    proxy.close()
  }
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked, close }
}

test.concurrent('through a proxy load goes no further: the proxy hears only of hosts that are listed', async () => {
  const target = await redirector()
  const proxy = await proxyTo(target.url)
  const config = { target: 'http://listed.invalid', phases: [load], payload }
  const files = {
    'script.json': JSON.stringify({ config, scenarios: [{ flow: [{ get: { url: '{{ to }}' } }] }] }),
    ...rows('/fine', '/?to=http://metadata.google.internal/', '/?to=http://0xa9fea9fe/', 'http://other.invalid/'),
  }
  const folder = workFolder(files)
  const args = ['invoke', '-p', 'script.json', '--local', '-q', '-o', 'report.json', '--workers', '1']
  await run(folder, [...args, '--allow', 'listed.invalid'], { HTTP_PROXY: proxy.url })
  for (const server of [proxy, target]) server.close()
  expect(readReport(folder).ledger).toMatchObject({ launched: 4, completed: 1, failed: 3 })
  expect(readReport(folder).errors).toMatchObject([
    { code: 'SLSART_METADATA', count: 2 },
    { code: 'SLSART_TARGET', count: 1 },
  ])
  expect(new Set(proxy.asked)).toEqual(new Set(['listed.invalid:80']))
})

test.concurrent('`before` goes nowhere else either', async () => {
  const target = await startTarget()
  const config = { target: target.url, variables: { at: ['http://203.0.113.9'] }, phases: [load] }
  const before = { flow: [{ get: { url: '{{ at }}/token' } }] }
  const folder = workFolder({
    'script.json': JSON.stringify({ config, before, scenarios: [{ flow: [{ get: { url: '/items' } }] }] }),
  })
  const { code, stderr } = await run(folder, ['invoke', '-p', 'script.json', '--local', '-q'])
  await target.close()
  expect(code).toBe(3)
  expect(stderr).toContain('connect SLSART_TARGET 203.0.113.9: not an allowed target (--allow 203.0.113.9)')
  expect(target.total()).toBe(0)
})
