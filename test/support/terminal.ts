/** A real terminal without a window: tmux types, resizes and says what is on the screen. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'

const UTF8 = 'C.UTF-8'
const execute = promisify(execFile)

export type Terminal = {
  type(...keys: string[]): void
  resize(columns: number, rows: number): void
  /** What is on the screen, each line without the blanks at its end. */
  screen(): string
  /** Resolves with the screen once it fits; rejects with it when it does not in time. */
  shows(wanted: string | RegExp, withinMs?: number): Promise<string>
}

const terminals: (() => void)[] = []
// Not with their tests: those run side by side.
afterAll(() => {
  for (const close of terminals) close()
})

/** Runs a shell command in a terminal of that size, in a folder. It is gone when the file's tests are over. */
export function openTerminal(folder: string, command: string, [columns, rows]: [number, number]): Terminal {
  const socket = `slsart-${process.pid}-${terminals.length}`
  const own = ['-u', '-L', socket, '-f', '/dev/null']
  const env = { ...process.env, LC_ALL: UTF8, TERM: 'xterm-256color', CI: undefined }
  const call = (...args: string[]): { status: number | null; stdout: string; stderr: string } => {
    const { error, ...ended } = spawnSync('tmux', [...own, ...args], { encoding: 'utf8', env })
    if (error) throw new Error('these tests need tmux (Debian package tmux)', { cause: error })
    return ended
  }
  const tmux = (...args: string[]): string => {
    const { status, stdout, stderr } = call(...args)
    if (status !== 0) throw new Error(`tmux ${args[0]} failed: ${stderr}`)
    return stdout
  }
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', folder, command)
  // The last command of a terminal takes its server with it: there may be none.
  terminals.push(() => void call('kill-server'))
  const screen = (): string => tmux('capture-pane', '-p')
  return {
    screen,
    type: (...keys) => void tmux('send-keys', ...keys),
    resize: (columns, rows) => void tmux('resize-window', '-x', String(columns), '-y', String(rows)),
    async shows(wanted, withinMs = 15_000) {
      const until = performance.now() + withinMs
      for (;;) {
        // Without standing still: the target that the run aims at may be of this very process.
        const { stdout: seen } = await execute('tmux', [...own, 'capture-pane', '-p'], { encoding: 'utf8', env })
        if (typeof wanted === 'string' ? seen.includes(wanted) : wanted.test(seen)) return seen
        if (performance.now() > until) throw new Error(`the screen never showed ${wanted}:\n${seen}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
  }
}
