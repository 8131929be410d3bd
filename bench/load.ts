/**
 * A generator at full load on its core: requests and connections a second as the target counted them, and requests per second of
 * processor time. All are means over the plateau: the intervals above half of the highest rate, without the first and the last of
 * them, so that starting, warming up and ending are outside.
 */
import { once } from 'node:events'
import type { Target } from './nginx.ts'
import { cpuSeconds, GENERATOR_CORE, start } from './processes.ts'

const INTERVAL = 250

export type Load = {
  requestRate: number
  connectionRate: number
  /** Of the generator with all the processes that belong to it. */
  perCpuSecond: number
  /** Of the processes that the first one started: slsart's worker without its conductor. NaN where there are none. */
  perWorkerCpuSecond: number
  /** How much of the core it used, and the target of its own: near 1, the target was the limit. */
  cpu: number
  targetCpu: number
  /** At the target, from before the generator's start to after its end. */
  requests: number
  output: string
}

type Interval = {
  seconds: number
  requests: number
  connections: number
  cpu: number
  workerCpu: number
  targetCpu: number
}

/** Throws when the generator is too short for a plateau, or exits with another code than those. */
export async function underLoad(
  target: Target,
  command: readonly string[],
  { cwd, env = {}, codes = [0] }: { cwd?: string; env?: Record<string, string>; codes?: readonly number[] } = {},
): Promise<Load> {
  const before = await target.counts()
  const generator = start(GENERATOR_CORE, command, {
    ...{ stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } },
    ...(cwd === undefined ? {} : { cwd }),
  })
  let output = ''
  generator.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const closed = once(generator, 'close')
  const intervals = await watch(target, generator.pid ?? 0, () => generator.exitCode !== null)
  const [code] = await closed
  if (!codes.includes(code)) throw new Error(`${command.join(' ')}: exit code ${code}\n${output}`)
  const { requests } = await target.counts()
  return { ...plateau(intervals, command), requests: requests - before.requests, output }
}

async function watch(target: Target, pid: number, ended: () => boolean): Promise<Interval[]> {
  const look = async () => ({
    ...(await target.counts()),
    cpu: cpuSeconds(pid),
    targetCpu: total(cpuSeconds(target.pid)),
  })
  const intervals: Interval[] = []
  let last = await look()
  while (!ended()) {
    await new Promise((resolve) => setTimeout(resolve, INTERVAL))
    const now = await look()
    const used = new Map([...now.cpu].map(([of, cpu]) => [of, cpu - (last.cpu.get(of) ?? 0)]))
    intervals.push({
      seconds: now.at - last.at,
      requests: now.requests - last.requests,
      connections: now.connections - last.connections,
      cpu: total(used),
      workerCpu: total(used) - (used.get(pid) ?? 0),
      targetCpu: now.targetCpu - last.targetCpu,
    })
    last = now
  }
  return intervals
}

const total = (seconds: ReadonlyMap<number, number>): number => [...seconds.values()].reduce((sum, one) => sum + one, 0)

function plateau(intervals: readonly Interval[], command: readonly string[]): Omit<Load, 'requests' | 'output'> {
  const rate = ({ requests, seconds }: Interval): number => requests / seconds
  const half = Math.max(...intervals.map(rate)) / 2
  const kept = intervals.filter((interval) => rate(interval) > half).slice(1, -1)
  if (kept.length < 4) throw new Error(`${command.join(' ')}: no plateau in ${intervals.length} intervals`)
  const sum = (key: keyof Interval): number => kept.reduce((total, interval) => total + interval[key], 0)
  const [seconds, requests, cpu] = [sum('seconds'), sum('requests'), sum('cpu')]
  return {
    requestRate: requests / seconds,
    connectionRate: sum('connections') / seconds,
    perCpuSecond: requests / cpu,
    perWorkerCpuSecond: sum('workerCpu') < 0.01 ? Number.NaN : requests / sum('workerCpu'),
    cpu: cpu / seconds,
    targetCpu: sum('targetCpu') / seconds,
  }
}
