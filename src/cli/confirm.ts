/** A question on the terminal. */
import { createInterface } from 'node:readline/promises'
import type { Terminal } from '../world.ts'

/** Whether the answer is yes. The end of the input, or ^C, is no. */
export async function confirmed(question: string, terminal: Terminal): Promise<boolean> {
  const { input, output } = terminal
  const asking = createInterface({ input, output })
  const given = new AbortController()
  asking.on('close', () => given.abort())
  try {
    return /^y(es)?$/i.test((await asking.question(question, { signal: given.signal })).trim())
  } catch {
    return false
  } finally {
    asking.close()
  }
}
