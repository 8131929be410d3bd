/** The counting server from the test's side. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Question, Request, Summary } from './seen.ts'

export type CountingTarget = {
  /** Where a group's requests are to go. */
  urlOf(group: string): string
  summary(group: string): Promise<Summary>
  requests(group: string): Promise<Request[]>
  /** From now on the group's requests are answered with 500, or with 200 again. */
  fail(group: string, fails: boolean): Promise<void>
  /** Resolves when so many have come. */
  under(group: string, count: number, within?: number): Promise<void>
  close(): Promise<void>
}

type Message = { port: number } | { id: number; answer: unknown }

export async function startCountingTarget(): Promise<CountingTarget> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'server.ts'))
  const waiting = new Map<number, (answer: unknown) => void>()
  const started = Promise.withResolvers<number>()
  child.on('exit', (code) => started.reject(new Error(`the counting server has ended with ${code}`)))
  child.on('message', (message: Message) => {
    if ('port' in message) return started.resolve(message.port)
    waiting.get(message.id)?.(message.answer)
    waiting.delete(message.id)
  })
  const port = await started.promise
  let asked = 0
  const ask = <T>(
    question:
      | Omit<Extract<Question, { ask: 'summary' | 'requests' }>, 'id'>
      | Omit<Extract<Question, { ask: 'fail' }>, 'id'>,
  ): Promise<T> => {
    const id = asked++
    return new Promise((resolve) => {
      waiting.set(id, (answer) => resolve(answer as T))
      child.send({ ...question, id })
    })
  }
  const summary = (group: string): Promise<Summary> => ask({ ask: 'summary', group })
  return {
    urlOf: (group) => `http://127.0.0.1:${port}/${group}`,
    summary,
    requests: (group) => ask({ ask: 'requests', group }),
    fail: async (group, fails) => void (await ask({ ask: 'fail', group, fails })),
    async under(group, count, within = 120_000) {
      const until = Date.now() + within
      while ((await summary(group)).count < count) {
        if (Date.now() > until) throw new Error(`fewer than ${count} requests have come in ${within} ms`)
        await sleep(50)
      }
    },
    async close() {
      const over = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await over
    },
  }
}
