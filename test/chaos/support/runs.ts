/** Runs that are to be stopped, on this machine and on the stand-in. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Report, type Running, readReport, start, workFolder } from '../../support/cli.ts'
import { openTerminal, type Terminal } from '../../support/terminal.ts'
import { filesFor, type Load, looping } from './script.ts'
import type { CountingTarget } from './target.ts'

/** `env`: of the stand-in, or nothing for workers on this machine. */
export type Fleet = { name: 'local'; env: Record<string, string> } | { name: 'lambda'; env: Record<string, string> }
export const local: Fleet = { name: 'local', env: {} }

export type Going = {
  group: string
  folder: string
  fleet: Fleet
  running: Pick<Running, 'ended'> & { child?: Running['child']; terminal?: Terminal }
  id: string
  /** Its folder, which for workers on this machine is its store. */
  store: string
  report(): Report
}

let groups = 0

/** `terminal`: a real one, with the dashboard on it; the run is over when it shows how the command exited. */
export type Wish = {
  fleet: Fleet
  workers: number
  load?: Partial<Load>
  more?: readonly string[]
  protocol?: 'http' | 'ws'
  terminal?: boolean
}

/** Resolves when the load is on at the target. */
export async function going(
  target: CountingTarget,
  { fleet, workers, load = {}, more = [], protocol = 'http', terminal = false }: Wish,
): Promise<Going> {
  const group = `g${process.pid}-${groups++}`
  const url = target.urlOf(group).replace('http', protocol)
  const folder = workFolder(filesFor(url, { duration: 120, rate: 25, flow: looping, ...load }))
  const where = fleet.name === 'local' ? ['--local'] : []
  const args = [
    'invoke',
    '-p',
    'script.json',
    '--workers',
    String(workers),
    '--seed',
    '7',
    '-o',
    'report.json',
    ...where,
  ]
  const running = terminal
    ? onTerminal(folder, [...args, ...more])
    : start(folder, [...args, '--progress', 'json', '--yes', ...more], fleet.env)
  const failed = running.ended.then(({ code, stderr, stdout }) => {
    throw new Error(`the run ended with ${code}:\n${stderr.slice(-2_000)}\n${stdout}`)
  })
  await Promise.race([target.under(group, 40), failed])
  failed.catch(() => {})
  const [id = ''] = readdirSync(join(folder, '.slsart/runs'))
  const store = join(folder, '.slsart/runs', id)
  return { group, folder, fleet, running, id, store, report: () => readReport(folder) }
}

const bin = join(import.meta.dirname, '../../../bin/slsart.js')
const SIZE: [number, number] = [100, 30]

/** On this machine only. */
function onTerminal(folder: string, args: readonly string[]): Going['running'] {
  const command = `'${process.execPath}' '${bin}' ${args.join(' ')} >out.txt; echo exit $?; sleep 600`
  const shown = openTerminal(folder, command, SIZE)
  const ended = shown.shows(/exit \d+/, 180_000).then((screen) => ({
    code: Number(/exit (\d+)/.exec(screen)?.[1]),
    stdout: readFileSync(join(folder, 'out.txt'), 'utf8'),
    stderr: screen,
  }))
  return { terminal: shown, ended }
}

/** Orders in the run's store, when that is a folder here. */
export function isOrderedToStop({ store }: Going): boolean {
  const text = readFileSync(join(store, 'orders.json'), 'utf8')
  return (JSON.parse(text) as { stop: unknown }).stop !== null
}
