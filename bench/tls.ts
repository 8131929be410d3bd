/**
 * The native engine over TLS beside hey, requests per second of processor time, each on one core with all that belongs to it, nginx with a
 * P-256 certificate on the other. hey on a new connection for every request stands beside virtual users with one request each, and
 * beside those with 100 what hey needs for one request on a new connection and 99 on a kept one, since it cannot do both in one run.
 * `node bench/tls.ts artillery` measures Artillery's engine in the same place.
 */
import { startNginx } from './nginx.ts'
import { need } from './processes.ts'
import { bareTls, CONNECTIONS, hey } from './references.ts'
import { report } from './rows.ts'
import { loop, one, slsartUnderLoad } from './slsart.ts'

const engine = process.argv[2] ?? 'native'
need('nginx', 'openssl', 'hey')
const nginx = await startNginx()
const ask = { target: nginx.tlsUrl, pool: null, maxVusers: CONNECTIONS }
const pooled = { ...ask, pool: CONNECTIONS }

const heyOne = await hey(nginx, nginx.tlsUrl, false)
const bareOne = await bareTls(nginx)
const nativeOne = await slsartUnderLoad(nginx, engine, { ...ask, flow: one, arrivalRate: 6_000 })
const nativeLoop = await slsartUnderLoad(nginx, engine, { ...ask, flow: loop, arrivalRate: 600 })
const heyKept = await hey(nginx, nginx.tlsUrl)
const pooledOne = await slsartUnderLoad(nginx, engine, { ...pooled, flow: one, arrivalRate: 80_000, maxVusers: 500 })
const pooledLoop = await slsartUnderLoad(nginx, engine, { ...pooled, flow: loop, arrivalRate: 1_000 })
await nginx.stop()

const heyLoop = loop.requests / (1 / heyOne.perCpuSecond + (loop.requests - 1) / heyKept.perCpuSecond)

report({
  one_per_hey: nativeOne.perCpuSecond / heyOne.perCpuSecond,
  one: nativeOne.perCpuSecond,
  one_target_cpu: nativeOne.targetCpu,
  one_connections: nativeOne.connectionRate / nativeOne.requestRate,
  hey_one: heyOne.perCpuSecond,
  hey_one_connections: heyOne.connectionRate / heyOne.requestRate,
  one_per_bare: nativeOne.perCpuSecond / bareOne.perCpuSecond,
  bare_one: bareOne.perCpuSecond,
  loop_per_hey: nativeLoop.perCpuSecond / heyLoop,
  loop: nativeLoop.perCpuSecond,
  pooled_one_per_hey: pooledOne.perCpuSecond / heyKept.perCpuSecond,
  pooled_one: pooledOne.perCpuSecond,
  pooled_loop_per_hey: pooledLoop.perCpuSecond / heyKept.perCpuSecond,
  pooled_loop: pooledLoop.perCpuSecond,
  hey: heyKept.perCpuSecond,
})
