/** Tools that the native engine is held against, over 50 kept connections for 5 s, one thread each. A run in which one of them met an error throws. */
import { join } from 'node:path'
import { type Load, underLoad } from './load.ts'
import type { Target } from './nginx.ts'

export const CONNECTIONS = 50
export const SECONDS = 5
const autocannonPath = join(import.meta.dirname, '../node_modules/autocannon/autocannon.js')
const connections = ['-c', String(CONNECTIONS)]

export async function wrk(nginx: Target): Promise<Load> {
  const load = await underLoad(nginx, ['wrk', '-t', '1', ...connections, '-d', `${SECONDS}s`, `${nginx.url}/items/1`])
  return unless(/Socket errors|Non-2xx/, load)
}

export async function hey(nginx: Target, url: string, keepAlive = true): Promise<Load> {
  const keeping = keepAlive ? [] : ['-disable-keepalive']
  const command = ['hey', ...connections, '-z', `${SECONDS}s`, ...keeping, `${url}/items/1`]
  return unless(/Error distribution/, await underLoad(nginx, command, { env: { GOMAXPROCS: '1' } }))
}

/** A connection for every request, made as simply as node:tls allows: bench/bare-tls.ts. */
export const bareTls = (nginx: Target): Promise<Load> =>
  underLoad(nginx, [process.execPath, join(import.meta.dirname, 'bare-tls.ts'), `${nginx.tlsUrl}/items/1`])

export async function autocannon(nginx: Target): Promise<Load> {
  const command = [
    process.execPath,
    autocannonPath,
    ...connections,
    '-d',
    String(SECONDS),
    '-j',
    `${nginx.url}/items/1`,
  ]
  return unless(/"(errors|timeouts|non2xx)":[1-9]/, await underLoad(nginx, command))
}

function unless(failure: RegExp, load: Load): Load {
  if (failure.test(load.output)) throw new Error(load.output)
  return load
}
