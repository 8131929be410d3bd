/** In a process of its own: it is killed, or not. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const watchdog = join(import.meta.dirname, '../../../lambda/watchdog.ts')

/** What becomes of a process that runs this: the signal that ended it, or none. */
async function endOf(code: string): Promise<NodeJS.Signals | null> {
  const script = `import { watchdog } from ${JSON.stringify(watchdog)}\nconst dog = watchdog()\n${code}`
  const [, signal] = (await once(
    spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
      stdio: 'inherit',
      timeout: 20_000,
      killSignal: 'SIGABRT',
    }),
    'exit',
  )) as [number | null, NodeJS.Signals | null]
  return signal
}

it('a process that never gives its event loop back is ended when its time is over', async () => {
  expect(await endOf('dog.guard(Date.now() + 1_500)\nsetTimeout(() => { for (;;); }, 1_000)')).toBe('SIGKILL')
})

it('one whose time was extended meanwhile, or that has come to its end, is not', async () => {
  const code = `dog.guard(Date.now() + 400)
setTimeout(() => dog.guard(Date.now() + 60_000), 100)
setTimeout(() => dog.close(), 900)`
  expect(await endOf(code)).toBeNull()
})

it('a process that has nothing more to do is not held up', async () => {
  expect(await endOf('dog.guard(Date.now() + 600_000)')).toBeNull()
})
