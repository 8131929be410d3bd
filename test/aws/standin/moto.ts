/** moto_server as a process: the control plane, S3, logs. Made in a virtual environment of its own by prepare.ts. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { python } from './prepare.ts'

export type Moto = { url: string; reset(): Promise<void>; close(): Promise<void> }

const NOISE = /"(GET|POST|PUT|DELETE|HEAD) /
const KEPT = 20

/** `front`: the endpoint that its state machines call in place of its own. */
export async function startMoto(front: string): Promise<Moto> {
  // It must not outlive a test process that is killed.
  const moto = spawn('setpriv', ['--pdeathsig', 'KILL', python, '-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, MOTO_ALLOW_NONEXISTENT_REGION: 'false' },
      MOTO_PORT: new URL(front).port,
    },
  })
  const ended = once(moto, 'exit')
  const said: string[] = []
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: moto.stderr }).on('line', (line) => {
      const [, found] = /Running on (http:\/\/\S+)/.exec(line) ?? []
      if (found) resolve(found)
      if (!NOISE.test(line)) said.splice(0, said.length, ...said.slice(1 - KEPT), line)
    })
    moto.once('error', reject)
    void ended.then(() => reject(new Error(`moto_server ended:\n${said.join('\n')}`)))
  })
  const post = async (path: string, body: string): Promise<void> => {
    const { ok, status } = await fetch(`${url}${path}`, { method: 'POST', body })
    if (!ok) throw new Error(`moto_server answers ${path} with ${status}`)
  }
  const configure = (): Promise<void> =>
    post(
      '/moto-api/config',
      JSON.stringify({ lambda: { use_docker: false }, stepfunctions: { execute_state_machine: true } }),
    )
  await configure()
  return {
    url,
    async reset() {
      await post('/moto-api/reset', '')
      await configure()
    },
    async close() {
      moto.kill('SIGKILL')
      await ended
    },
  }
}
