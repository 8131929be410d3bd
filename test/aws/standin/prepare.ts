/** Installs what the stand-ins need, when it is not there: the runtime client and moto_server. Seconds, then nothing. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const here = join(import.meta.dirname, '..')
const cache = join(here, '../../.cache')
const venv = join(cache, 'moto')

export const python: string = join(venv, 'bin/python3')
/** The runtime client's entry. */
export const runtimeClient: string = join(here, 'node_modules/aws-lambda-ric/index.mjs')

export function prepare(): void {
  once(join(here, 'node_modules/.prepared'), join(here, 'package-lock.json'), () =>
    // Without its scripts, which would build its native part: rapid-client.cjs stands in its place.
    run('npm', ['ci', '--prefix', here, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']),
  )
  once(join(venv, '.prepared'), join(here, 'requirements.txt'), () => {
    rmSync(venv, { recursive: true, force: true })
    mkdirSync(cache, { recursive: true })
    run('python3', ['-m', 'venv', venv])
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile']
    run(python, [...pip, '-r', join(here, 'requirements.txt')])
  })
}

/** Does it unless the stamp says that it was done for the same list. */
function once(stamp: string, list: string, work: () => void): void {
  const wanted = readFileSync(list, 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  work()
  writeFileSync(stamp, wanted)
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}
