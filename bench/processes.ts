/** Processes of a bench: each on one core, its processor time with that of all it starts, and none left when the bench ends, however it does. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The target and the bench itself on one core, what is measured on the other. */
export const TARGET_CORE = 0
export const GENERATOR_CORE = 1

const INSTALL = 'apt-get install nginx-light wrk hey openssl util-linux'
const running = new Set<ChildProcess>()
const folders: string[] = []
let ending = false

// Distributions keep nginx where only root looks.
process.env.PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
process.once('SIGINT', () => void end(130))
process.once('SIGTERM', () => void end(143))
process.on('uncaughtException', (error) => {
  // What fails because everything is being stopped is no news.
  if (ending) return
  console.error(error)
  void end(1)
})

/** Ends the bench when all that it started has ended. */
async function end(code: number): Promise<void> {
  ending = true
  for (const child of running) child.kill()
  await Promise.all([...running].map((child) => once(child, 'close')))
  process.exit(code)
}

/** Ends the bench, saying what to install, unless every one of the programs is there; then moves it to the target's core. */
export function need(...programs: readonly string[]): void {
  const missing = ['taskset', ...programs].filter((program) => spawnSync(program, ['-v']).error !== undefined)
  if (missing.length > 0) {
    console.error(`this bench needs ${missing.join(', ')}: ${INSTALL}`)
    process.exit(1)
  }
  const pinned = spawnSync('taskset', ['-cp', String(TARGET_CORE), String(process.pid)]).status === 0
  const other = spawnSync('taskset', ['-c', String(GENERATOR_CORE), 'true']).status === 0
  if (!pinned || !other) {
    console.error(`this bench needs cores ${TARGET_CORE} and ${GENERATOR_CORE}`)
    process.exit(1)
  }
}

/** A folder that is gone with the bench. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slsart-bench-'))
  folders.push(folder)
  return folder
}

/** The command on that core, and what it starts. */
export function start(core: number, command: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn('taskset', ['-c', String(core), ...command], options)
  running.add(child)
  child.on('close', () => running.delete(child))
  return child
}

/** Seconds of processor time, user and system, of a process and of all below it, by pid. taskset becomes the command, so the pid is the command's. */
export function cpuSeconds(pid: number, into: Map<number, number> = new Map()): Map<number, number> {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The fields after the name in brackets: the 12th and 13th are user and system time in hundredths.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    into.set(pid, (Number(fields[11]) + Number(fields[12])) / 100)
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
    for (const child of children === '' ? [] : children.split(' ')) cpuSeconds(Number(child), into)
  } catch (error) {
    // It ended between two looks.
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
  return into
}
