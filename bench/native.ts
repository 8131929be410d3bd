/**
 * The native engine beside `artillery run` with the same scripts, and over shared connections beside wrk, hey and autocannon; each on one
 * core with all that belongs to it, nginx on the other. CPU is that of the conductor and its worker together: they share the core.
 * `node bench/native.ts artillery` measures Artillery's engine in the same place.
 */
import { startNginx } from './nginx.ts'
import { need } from './processes.ts'
import { autocannon, CONNECTIONS, hey, wrk } from './references.ts'
import { report } from './rows.ts'
import { artilleryUnderLoad, loop, one, slsartUnderLoad } from './slsart.ts'

const engine = process.argv[2] ?? 'native'
need('nginx', 'openssl', 'wrk', 'hey')
const nginx = await startNginx()
const ask = { target: nginx.url, pool: null, maxVusers: 100 }
const pooled = { ...ask, pool: CONNECTIONS }

const artilleryOne = await artilleryUnderLoad(nginx, { ...ask, flow: one, arrivalRate: 2_500 })
const nativeOne = await slsartUnderLoad(nginx, engine, { ...ask, flow: one, arrivalRate: 20_000 })
const artilleryLoop = await artilleryUnderLoad(nginx, { ...ask, flow: loop, arrivalRate: 40 })
const nativeLoop = await slsartUnderLoad(nginx, engine, { ...ask, flow: loop, arrivalRate: 800 })
const ofWrk = await wrk(nginx)
// Arrivals come once a millisecond: so many must be there for the connections not to wait for them.
const pooledOne = await slsartUnderLoad(nginx, engine, { ...pooled, flow: one, arrivalRate: 120_000, maxVusers: 500 })
const ofHey = await hey(nginx, nginx.url)
const pooledLoop = await slsartUnderLoad(nginx, engine, { ...pooled, flow: loop, arrivalRate: 1_500 })
const ofAutocannon = await autocannon(nginx)
await nginx.stop()

report({
  ratio_one: nativeOne.requestRate / artilleryOne.requestRate,
  ratio_one_cpu: nativeOne.perCpuSecond / artilleryOne.perCpuSecond,
  native_one: nativeOne.requestRate,
  native_one_connections: nativeOne.connectionRate / nativeOne.requestRate,
  native_one_cpu: nativeOne.cpu,
  native_one_target_cpu: nativeOne.targetCpu,
  artillery_one: artilleryOne.requestRate,
  artillery_one_cpu: artilleryOne.cpu,
  ratio_loop: nativeLoop.requestRate / artilleryLoop.requestRate,
  ratio_loop_cpu: nativeLoop.perCpuSecond / artilleryLoop.perCpuSecond,
  native_loop: nativeLoop.requestRate,
  native_loop_cpu: nativeLoop.cpu,
  native_loop_target_cpu: nativeLoop.targetCpu,
  artillery_loop: artilleryLoop.requestRate,
  artillery_loop_cpu: artilleryLoop.cpu,
  one_per_wrk: pooledOne.perCpuSecond / ofWrk.perCpuSecond,
  one_per_hey: pooledOne.perCpuSecond / ofHey.perCpuSecond,
  one_per_autocannon: pooledOne.perCpuSecond / ofAutocannon.perCpuSecond,
  loop_per_wrk: pooledLoop.perCpuSecond / ofWrk.perCpuSecond,
  loop_per_hey: pooledLoop.perCpuSecond / ofHey.perCpuSecond,
  loop_per_autocannon: pooledLoop.perCpuSecond / ofAutocannon.perCpuSecond,
  pooled_one: pooledOne.perCpuSecond,
  pooled_one_worker: pooledOne.perWorkerCpuSecond,
  pooled_loop: pooledLoop.perCpuSecond,
  pooled_loop_worker: pooledLoop.perWorkerCpuSecond,
  pooled_one_target_cpu: pooledOne.targetCpu,
  pooled_loop_target_cpu: pooledLoop.targetCpu,
  wrk_target_cpu: ofWrk.targetCpu,
  wrk: ofWrk.perCpuSecond,
  hey: ofHey.perCpuSecond,
  autocannon: ofAutocannon.perCpuSecond,
})
