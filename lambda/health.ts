/** The worker's own state between two frames: how much CPU it used, how long its loop was blocked, how big it is, how full. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Health } from '../src/measure/frame.ts'
import type { Micros } from '../src/units.ts'

/** What the worker's process can say of itself. Zeros where nobody knows. `files`: open ones and how many may be. `ports`: see Health. */
export type Usage = {
  cpu(): { user: Micros; system: Micros }
  memory(): number
  files(): { open: number; limit: number }
  ports(): { taken: number; limit: number }
}

/** `take` gives the state since the last `take`. */
export type HealthMonitor = { take(inFlight: number): Health; stop(): void }

export function healthMonitor(usage: Usage, now: () => Micros): HealthMonitor {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  let before = { ...usage.cpu(), at: now() }
  return {
    take(inFlight) {
      const after = { ...usage.cpu(), at: now() }
      const cpu = after.user + after.system - before.user - before.system
      const span = Math.round(after.at - before.at)
      before = after
      const loopDelayMax = Math.max(0, Math.round(delay.max / 1000))
      delay.reset()
      const { open: files, limit: fileLimit } = usage.files()
      const { taken: ports, limit: portLimit } = usage.ports()
      const memoryBytes = usage.memory()
      return { span, cpu, loopDelayMax, memoryBytes, inFlight, files, fileLimit, ports, portLimit }
    },
    stop: () => void delay.disable(),
  }
}
