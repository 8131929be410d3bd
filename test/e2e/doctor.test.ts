/** `slsart doctor` where there is nothing to look at: it says so, and comes to its end. */
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, workFolder } from '../support/cli.ts'

/** Takes connections and never answers: a metadata service behind a firewall, or a network that swallows everything. */
let hole: Server
let silent: string
const sockets: Socket[] = []
beforeAll(async () => {
  hole = createServer((socket) => void sockets.push(socket.on('error', () => {})))
  await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve))
  silent = `http://127.0.0.1:${(hole.address() as AddressInfo).port}`
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  hole.close()
})

type Check = { check: string; level: string; message: string; mend: string | null }

/** An environment without AWS's settings, but for the given ones. */
async function examined(env: Record<string, string>): Promise<{ code: number | null; checks: Record<string, Check> }> {
  const folder = workFolder()
  const none = { AWS_CONFIG_FILE: `${folder}/none`, AWS_SHARED_CREDENTIALS_FILE: `${folder}/none` }
  const cleared = { AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_PROFILE: '', AWS_ENDPOINT_URL: '' }
  const keys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }
  const all = { ...none, ...cleared, ...keys, AWS_EC2_METADATA_SERVICE_ENDPOINT: silent, ...env }
  const { code, stdout, stderr } = await run(folder, ['doctor', '--json'], all)
  expect(stderr).toBe('')
  const { checks, exit } = JSON.parse(stdout) as { checks: Check[]; exit: number }
  expect(exit).toBe(code)
  return { code, checks: Object.fromEntries(checks.map((check) => [check.check, check])) }
}

test('without a region it says how to give one, and asks nobody', async () => {
  const { code, checks } = await examined({})
  expect(code).toBe(3)
  expect(checks.node).toMatchObject({ level: 'ok' })
  expect(checks.region).toMatchObject({ level: 'problem', mend: expect.stringContaining('--region') })
  expect(checks.leftovers).toMatchObject({ level: 'warning', message: 'not looked at without region' })
})

test('without credentials it says so, though the metadata service never answers', async () => {
  const { code, checks } = await examined({ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:59999' })
  expect(code).toBe(3)
  expect(checks.endpoints).toMatchObject({ level: 'problem', message: expect.stringContaining('ECONNREFUSED') })
  expect(checks.credentials).toMatchObject({ level: 'problem', mend: expect.stringContaining('AWS_PROFILE') })
  expect(checks.quotas).toMatchObject({ level: 'warning', message: 'not looked at without credentials' })
})

test('a network that swallows everything takes no longer than it may', async () => {
  const { code, checks } = await examined({
    ...{ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: silent },
    ...{ AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' },
  })
  expect(code).toBe(3)
  expect(checks.endpoints).toMatchObject({ level: 'problem', message: expect.stringContaining('timed out') })
  expect(checks.credentials).toMatchObject({ level: 'problem', message: 'no answer in 5 s' })
}, 15_000)
