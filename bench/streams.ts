/**
 * A run of 1,000 workers on Lambda, seen from its conductor: all of it against a stand-in that speaks TLS and event streams on the other
 * core, for 30 s of a frame a second each. Beside it the SDK's own client, which only listens.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { build } from 'esbuild'
import { cliBuild } from '../scripts/build.ts'
import { GENERATOR_CORE, need, start, TARGET_CORE, temporaryFolder } from './processes.ts'
import { report } from './rows.ts'

type Numbers = Record<'launch_s' | 'stall_ms' | 'cpu_percent' | 'rss_mb', number>

need('openssl')
const only = process.argv[2]
const client = join(import.meta.dirname, '../node_modules/.cache/slsart-bench/stream-client.mjs')
// As the command line is built: Node's own reading of TypeScript takes 100 MB.
const { outdir: _, entryPoints: __, ...options } = cliBuild
await build({ ...options, entryPoints: [beside('stream-client.ts')], outfile: client, splitting: false })
const ours = only === 'stock' ? null : await measure('slsart')
const stock = only === 'slsart' ? null : await measure('stock')
report({
  ...ours,
  ...(stock === null ? {} : Object.fromEntries(Object.entries(stock).map(([key, value]) => [`stock_${key}`, value]))),
})
process.exit()

function beside(name: string): string {
  return join(import.meta.dirname, name)
}

async function measure(who: string): Promise<Numbers> {
  const folder = temporaryFolder()
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  // RSA, as AWS's own certificates are.
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate]
  const whose = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const { status, stderr } = spawnSync('openssl', [...request, ...whose], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl: ${stderr}`)

  const served = [process.execPath, beside('stream-server.ts'), key, certificate]
  const server = start(TARGET_CORE, served, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = (await once(server.stdout as Readable, 'data')) as [Buffer]
  const url = `https://localhost:${port.toString().trim()}`
  const flags = (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== '')
  const conductor = start(GENERATOR_CORE, [process.execPath, ...flags, client, who, url, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      // As src/cli/watching.ts has it.
      NODE_ENV: 'production',
      ...{ NODE_EXTRA_CA_CERTS: certificate, AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' },
    },
  })
  const output: Buffer[] = []
  conductor.stdout?.on('data', (chunk: Buffer) => output.push(chunk))
  const [code] = (await once(conductor, 'close')) as [number]
  server.kill()
  await once(server, 'close')
  if (code !== 0) throw new Error(`bench/stream-client.ts ${who} ended with ${code}`)
  return JSON.parse(Buffer.concat(output).toString('utf8').trim().split('\n').at(-1) ?? '') as Numbers
}
