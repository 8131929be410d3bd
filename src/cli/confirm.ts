/** A question on the terminal that is answered with yes or not at all. */
import { createInterface } from 'node:readline/promises'
import type { World } from '../world.ts'

const YES = /^y(es)?$/i

/** null when there is no terminal: nobody can be asked. */
export async function confirmed(question: string, { terminal }: World): Promise<boolean | null> {
  if (terminal === null) return null
  const asking = createInterface(terminal)
  try {
    return YES.test((await asking.question(`${question} [y/N] `)).trim())
  } finally {
    asking.close()
  }
}
