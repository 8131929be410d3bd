/**
 * The process that a worker lives in. On Lambda the next run may find the same one: it is left as it was found, whatever the user's
 * code made of it, and with no timer or socket in it that would wake up in the next run.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { globalAgent } from 'node:http'
import { globalAgent as tlsAgent } from 'node:https'
import { Server, Socket } from 'node:net'
import type { Usage } from './health.ts'

/** Sets the variables, and gives back what leaves the process as it is now. `kept`: a socket that is the platform's. */
export function visit(env: Record<string, string>, kept: (socket: Socket) => boolean): () => void {
  const before = { env: { ...process.env }, cwd: process.cwd(), handles: new Set(handles()) }
  const endIntervals = heedIntervals()
  const giveBack = takeListeners()
  Object.assign(process.env, env)
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before.env)) delete process.env[name]
    Object.assign(process.env, before.env)
    if (process.cwd() !== before.cwd) process.chdir(before.cwd)
    giveBack()
    endIntervals()
    for (const handle of handles()) {
      if (handle instanceof Socket && !before.handles.has(handle) && !kept(handle)) handle.destroy()
      if (handle instanceof Server && !before.handles.has(handle)) handle.close()
    }
    for (const agent of [globalAgent, tlsAgent]) agent.destroy()
  }
}

/** Node counts its open handles in public, and names them only here. */
const handles = (): unknown[] => (process as unknown as { _getActiveHandles?(): unknown[] })._getActiveHandles?.() ?? []

/** Timeouts come to an end; an interval of the user's code would never. */
function heedIntervals(): () => void {
  const own = globalThis.setInterval
  const made = new Set<NodeJS.Timeout>()
  const heeded = (...given: Parameters<typeof own>): NodeJS.Timeout => {
    const timer = own(...given)
    made.add(timer)
    return timer
  }
  globalThis.setInterval = Object.assign(heeded, own) as typeof own
  return () => {
    globalThis.setInterval = own
    for (const timer of made) clearInterval(timer)
  }
}

/** The platform's listeners wait until the run is over: an error of the user's code is the worker's to tell. */
function takeListeners(): () => void {
  const taken = new Map(process.eventNames().map((name) => [name, process.rawListeners(name as 'exit')]))
  for (const name of ERRORS) process.removeAllListeners(name)
  return () => {
    for (const name of process.eventNames()) {
      const before = taken.get(name) ?? []
      for (const listener of process.rawListeners(name as 'exit')) {
        if (!before.includes(listener)) process.removeListener(name, listener as () => void)
      }
    }
    for (const name of ERRORS) {
      for (const listener of taken.get(name) ?? []) process.on(name, listener as () => void)
    }
  }
}
const ERRORS = ['uncaughtException', 'unhandledRejection'] as const

export const usage: Usage = {
  cpu: () => process.cpuUsage(),
  memory,
  files: openFiles,
  ports: takenPorts,
}

let rss = 0

/** To ask takes a file: when none is left, it is what it was. */
function memory(): number {
  try {
    rss = process.memoryUsage.rss()
  } catch {}
  return rss
}

/** Sockets are files: a worker that has no more of them left sends nothing more. Linux tells; elsewhere nobody knows. */
function openFiles(): { open: number; limit: number } {
  try {
    return { open: readdirSync('/proc/self/fd').length, limit: FILE_LIMIT }
  } catch (error) {
    const full = (error as NodeJS.ErrnoException).code === 'EMFILE'
    return full ? { open: FILE_LIMIT, limit: FILE_LIMIT } : { open: 0, limit: 0 }
  }
}

/** Read while there is a file left to read it with; 0 when nobody knows. */
const FILE_LIMIT = Number(/^Max open files\s+(\d+)/m.exec(procText('self/limits'))?.[1] ?? 0)

/** TCP sockets of this machine, or of its container, and those that wait after their closing. */
function takenPorts(): { taken: number; limit: number } {
  const [v4, v6] = [procText('net/sockstat'), procText('net/sockstat6')]
  const [, first, last] = /^(\d+)\s+(\d+)/.exec(procText('sys/net/ipv4/ip_local_port_range')) ?? []
  return {
    taken: counted(v4, /^TCP: inuse (\d+)/m) + counted(v4, /^TCP: .* tw (\d+)/m) + counted(v6, /^TCP6: inuse (\d+)/m),
    limit: last === undefined ? 0 : Number(last) - Number(first) + 1,
  }
}

const counted = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0)

function procText(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'utf8')
  } catch {
    return ''
  }
}
