/** The worker's own state between two frames: how much CPU it used, how long its loop was blocked, how big it is. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Health } from '../src/measure/frame.ts'

/** `take` gives the state since the last `take`. */
export function healthMonitor(usage: { cpu(): { user: number; system: number }; memory(): number }): {
  take(inFlight: number): Health
  stop(): void
} {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  let before = usage.cpu()
  return {
    take(inFlight) {
      const after = usage.cpu()
      const cpu = after.user + after.system - before.user - before.system
      before = after
      const loopDelayMax = Math.max(0, Math.round(delay.max / 1000))
      delay.reset()
      return { cpu, loopDelayMax, memoryBytes: usage.memory(), inFlight }
    },
    stop: () => void delay.disable(),
  }
}
