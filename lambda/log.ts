/** What the worker and the user's code print. Where the logs of many workers are one, each line says whose it is. */
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { format } from 'node:util'

export type Log = (...words: unknown[]) => void
type Write = (text: string) => void

export const prefixed =
  (prefix: string, write: Write): Write =>
  (text) =>
    write(text.replace(/\n$/, '').replace(/^/gm, prefix).concat('\n'))

export const logTo =
  (write: Write): Log =>
  (...words) =>
    write(`${format(...words)}\n`)

/** Has everything that is said to `console` written so; the function it returns ends that. */
export function takeConsole(console: Console, write: Write): () => void {
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      write(text)
      done()
    },
  })
  const own = new Console({ stdout: stream, stderr: stream })
  const names = Object.keys(own) as (keyof Console)[]
  const before = names.map((name) => [name, console[name]])
  Object.assign(console, Object.fromEntries(names.map((name) => [name, own[name]])))
  return () => void Object.assign(console, Object.fromEntries(before))
}
