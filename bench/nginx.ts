/**
 * The target of the native engine's rows: nginx with one worker on a core of its own, about 100 bytes of JSON for every path, over TCP
 * and TLS. It counts requests and connections itself, so no generator is asked how fast it was.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { start, TARGET_CORE, temporaryFolder } from './processes.ts'

const BODY = JSON.stringify({ id: 1, name: 'item 1', tags: ['a', 'b'], price: 101, more: 'x'.repeat(35) })

/** `at`: seconds, by the target's own clock, so that a bench that was kept waiting for its answer does not take it for later. */
export type Counts = { at: number; requests: number; connections: number }
export type Target = {
  /** Of nginx's first process; its worker is below it. */
  pid: number
  url: string
  tlsUrl: string
  /** Since the start, without those of the question itself. */
  counts(): Promise<Counts>
  stop(): Promise<void>
}

export async function startNginx(): Promise<Target> {
  const folder = temporaryFolder()
  makeCertificate(folder)
  const [port, tlsPort] = [await freePort(), await freePort()]
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, tlsPort))
  const command = ['nginx', '-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]
  const nginx = start(TARGET_CORE, command, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (nginx.pid === undefined) throw new Error('nginx does not start')
  const { pid } = nginx
  const url = `http://127.0.0.1:${port}`
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let asked = 0
  const counts = async (): Promise<Counts> => {
    const { at, text } = await statusOf(url, agent)
    asked++
    const [connections = 0, , requests = 0] = (/(\d+) (\d+) (\d+)/.exec(text) ?? []).slice(1).map(Number)
    return { at, requests: requests - asked, connections: connections - 1 }
  }
  await answering(counts, () => nginx.exitCode !== null)
  return {
    ...{ pid, url, tlsUrl: `https://127.0.0.1:${tlsPort}`, counts },
    async stop() {
      agent.destroy()
      nginx.kill()
      await once(nginx, 'close')
    },
  }
}

// TLS is as nginx 1.23 and later have it by default. Connections are kept for as long as a client likes.
const configuration = (folder: string, port: number, tlsPort: number): string => `
daemon off;
pid ${folder}/pid;
worker_processes 1;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  default_type application/json;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    listen 127.0.0.1:${tlsPort} ssl backlog=4096;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate ${folder}/certificate.pem;
    ssl_certificate_key ${folder}/key.pem;
    location / { return 200 '${BODY}'; }
    location = /status { stub_status; add_header x-at $msec; }
  }
}
`

function makeCertificate(folder: string): void {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const whose = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')]
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...curve, ...whose, ...files], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl: ${stderr}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function statusOf(url: string, agent: Agent): Promise<{ at: number; text: string }> {
  const [response] = (await once(get(`${url}/status`, { agent }), 'response')) as [IncomingMessage]
  return { at: Number(response.headers['x-at']), text: Buffer.concat(await response.toArray()).toString() }
}

/** Resolves with the first answer; asks again while the connection is refused, for 5 s. */
async function answering(ask: () => Promise<unknown>, ended: () => boolean): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await ask()
      return
    } catch (error) {
      if (ended() || attempt === 100) throw new Error('nginx does not answer', { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
