/**
 * A script with secrets of twenty kinds and more wherever a script may have them, against a target that gives back all it is sent: none of
 * them is in anything that the command line leaves behind, and the target was sent every one.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventsOf } from '../../src/run/log.ts'
import { type Ended, run, workFolder } from '../support/cli.ts'
import { KINDS, leaksIn, seeded } from '../support/seeded.ts'

/** Gives back what it was sent, as a failure when it is asked to; /login gives a token away. */
const sent: string[] = []
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { url = '', headers } = request
    const said = JSON.stringify({ url, headers, body: Buffer.concat(chunks).toString() })
    sent.push(said)
    if (url === '/cut') return request.socket.destroy()
    response.writeHead(url.startsWith('/fail') ? 500 : 200, { 'content-type': 'application/json', 'x-said': 'yes' })
    response.end(url === '/login' ? JSON.stringify({ token: seeded('captured token') }) : said)
  })
})

const HOOKS = `
export async function say(context, events) {
  console.log('vars', context.vars)
  console.error(JSON.stringify(context.vars))
  process.stdout.write('raw ' + Object.values(context.vars).join(' ') + '\\n')
  process.stderr.write(Buffer.from('bytes ' + context.vars.token + '\\n'))
  events.emit('counter', 'seen.' + context.vars.adminPassword, 1)
  events.emit('histogram', 'took.' + context.vars.token, 5)
  events.emit('error', 'wrong ' + context.vars.accessToken)
}
export async function fall(context) {
  throw new Error('no way in with ' + [context.vars.adminPassword, context.vars.token, process.env.API_SECRET, context.vars.accessToken].join(' '))
}
export function answer(request, response, context, events, done) {
  console.log(response.body, request.headers)
  done()
}
`

const everyKind = KINDS.filter(({ form }) => form).map(({ value }) => value)

function scriptFor(url: string): string {
  const target = url.replace('://', `://operator:${encodeURIComponent(seeded('password in a URL'))}@`)
  const request = {
    // The target's own user would take the place of the header.
    url: `${url}/echo?access_token=${seeded('token in a query')}&key={{ neutral }}`,
    afterResponse: 'answer',
    headers: {
      authorization: `Bearer ${seeded('authorization header')}`,
      cookie: `sid=${seeded('cookie header')}; theme=dark`,
      'x-api-key': seeded('key header'),
    },
    json: {
      password: seeded('key of a body'),
      of: everyKind,
      db: '{{ db }}',
      column: '{{ token }}',
      own: '{{ $env.API_SECRET }}',
    },
  }
  const auth = { user: seeded('user name'), pass: seeded('password of auth') }
  const log = `token {{ token }}, password {{ adminPassword }}, given {{ accessToken }}, and ${everyKind.join(' ')}`
  return JSON.stringify({
    config: {
      target,
      phases: [{ duration: 2, arrivalCount: 6, name: `phase with ${seeded('Stripe key')}` }],
      processor: './hooks.mjs',
      payload: { path: 'people.csv', fields: ['name', 'token'] },
      variables: {
        adminPassword: seeded('variable'),
        neutral: '{{ $env.DEPLOY_TOKEN }}',
        db: `postgres://app:${seeded('connection string')}@db.internal/app`,
      },
      plugins: { expect: {}, 'metrics-by-endpoint': { stripQueryString: false, useOnlyRequestNames: false } },
      slsart: { thresholds: [{ expression: 'requests < 1', endpoint: `GET /by/${seeded('GitHub token')}` }] },
    },
    before: {
      flow: [{ post: { url: '/login', capture: { json: '$.token', as: 'givenToken' } } }, { function: 'say' }],
    },
    scenarios: [
      {
        name: `shop ${seeded('Google key')}`,
        flow: [
          { post: { url: '/login', capture: { json: '$.token', as: 'accessToken' } } },
          { log },
          { function: 'say' },
          { post: request },
          {
            get: {
              url: `/by/${seeded('GitHub token')}`,
              auth,
              expect: [{ statusCode: 204 }, { equals: ['{{ token }}', 'x'] }],
            },
          },
        ],
      },
      {
        name: 'falls',
        flow: [{ post: { url: '/login', capture: { json: '$.token', as: 'accessToken' } } }, { function: 'fall' }],
      },
      {
        name: 'cut off',
        flow: [
          { post: { url: '/cut', name: `cut ${seeded('npm token')}`, json: { password: seeded('key of a body') } } },
        ],
      },
      {
        name: 'mismatched',
        flow: [
          { post: { ...request, url: '/fail', match: { json: '$.body', value: `not ${seeded('Slack token')}` } } },
        ],
      },
    ],
  })
}

const env = { DEPLOY_TOKEN: seeded('variable of the environment'), CI: 'true' }
const FORMATS = ['json', 'html', 'xml', 'md', 'csv', 'hlog']
const invoke = ['invoke', '-p', 'script.json', '--local', '--dotenv', '.env', '--seed', '3']
let folder = ''
const ended: Record<string, Ended> = {}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const script = scriptFor(url)
  folder = workFolder({
    'script.json': script,
    'bad.json': script.replace('"duration":2', '"duration":"no"').replace('http://', 'nothing://'),
    'hooks.mjs': HOOKS,
    'people.csv': Array(4)
      .fill(`ada,${seeded('column')}`)
      .join('\n'),
    '.env': `API_SECRET=${seeded('dotenv variable')}\n`,
  })
  const outputs = (name: string): string[] => FORMATS.flatMap((kind) => ['-o', `${name}.${kind}`])
  const github = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md', GITHUB_OUTPUT: 'outputs' }
  const started = async (name: string, args: readonly string[], more: Record<string, string> = {}): Promise<void> => {
    ended[name] = await run(folder, args, { ...env, ...more })
  }
  await started(
    'native',
    [...invoke, ...outputs('native'), '--progress', 'json', '--workers', '2', '--raw-samples'],
    github,
  )
  await started('artillery', [...invoke, ...outputs('artillery'), '--progress', 'plain', '--engine', 'artillery'])
  await started('tried', [...invoke, ...outputs('tried'), '--acceptance'])
  await started('refused', ['invoke', '-p', 'bad.json', '--local'])
  await started('flags', [...invoke, '--variables', `{password: ${seeded('variable')}}`])
  await started('plan', ['plan', '-p', 'script.json', '--dotenv', '.env'])
  await started('planned', ['plan', '-p', 'script.json', '--dotenv', '.env', '--json'])
  for (const command of ['report', 'logs', 'history']) await started(command, [command])
}, 120_000)

afterAll(() => server.close())

/** Every file below a folder, but for what the test itself has put there. */
function files(at: string): string[] {
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter(
      (path) => !['script.json', 'bad.json', 'hooks.mjs', 'people.csv', '.env'].includes(path.slice(folder.length + 1)),
    )
}

it('sent the target every one of them', () => {
  const all = JSON.stringify(sent)
  const decoded = sent
    .map((said) => /"authorization":"Basic ([^"]+)"/.exec(said)?.[1] ?? '')
    .map((basic) => atob(basic))
  const others = new Set(['variable', 'captured token'])
  const missing = KINDS.filter(({ kind, value }) => {
    const spelt = JSON.stringify(JSON.stringify(JSON.stringify(value))).slice(7, -7)
    return (
      !others.has(kind) && !all.includes(value) && !all.includes(spelt) && !decoded.some((one) => one.includes(value))
    )
  })
  expect(missing.map(({ kind }) => kind)).toEqual([])
})

it('ran, failed and was refused as it should', () => {
  expect(ended.native?.code, ended.native?.stderr).not.toBe(1)
  expect(Object.entries(ended).map(([name, { code }]) => [name, code])).toEqual([
    ['native', 10],
    ['artillery', 10],
    ['tried', 15],
    ['refused', 2],
    ['flags', 2],
    ['plan', 0],
    ['planned', 0],
    ['report', 0],
    ['logs', 0],
    ['history', 0],
  ])
})

it('says none of them on stdout and stderr', () => {
  const leaks = Object.entries(ended).flatMap(([name, { stdout, stderr }]) => [
    ...leaksIn(stdout).map((kind) => `${name}: stdout: ${kind}`),
    ...leaksIn(stderr).map((kind) => `${name}: stderr: ${kind}`),
  ])
  expect(leaks).toEqual([])
  expect(ended.logs?.stdout).toContain('[redacted]')
})

it('keeps none of them in any file, nor in any frame', () => {
  const all = files(folder)
  for (const kind of FORMATS) expect(all.map((path) => path.slice(folder.length + 1))).toContain(`native.${kind}`)
  const leaks = all.flatMap((path) => {
    const text = path.endsWith('.bin') ? unpackedText(path) : readFileSync(path, 'utf8')
    return leaksIn(text).map((kind) => `${path.slice(folder.length)}: ${kind}`)
  })
  expect(leaks).toEqual([])
})

it('keeps what it keeps for its owner alone', () => {
  const runs = join(folder, '.slsart')
  for (const path of files(runs))
    expect(statSync(path).mode & 0o777, path).toBe(path.endsWith('report.json') ? 0o644 : 0o600)
  expect(statSync(runs).mode & 0o777).toBe(0o700)
})

/** Of a log: what its events say, and what is in its frames. */
function unpackedText(path: string): string {
  const events = [...eventsOf(path)].map(({ event }) =>
    event.type === 'frame' ? Buffer.from(event.bytes).toString('latin1') : JSON.stringify(event),
  )
  expect(events.length).toBeGreaterThan(3)
  return events.join('\n')
}
