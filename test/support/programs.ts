/** Programs of users that import slsart: the built one, in a node of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { workFolder } from './cli.ts'

const index = pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href

/** `said`: what it gave to `say`. */
type Ended = { said: unknown[]; code: number | null; stderr: string }
export type Hear = (said: unknown, child: ChildProcess) => void
type Program = (text: string, more?: { env?: Record<string, string>; on?: Hear }) => Promise<Ended>

/** Of a folder of its own with these files, `work.ts` the module of its functions. `on` hears what it says as it says it. */
export const programIn =
  (files: Record<string, string>): Program =>
  (text, { env = {}, on = () => {} } = {}) => {
    const main = `import { lambdaFleet, localFleet, MapError, TaskError } from '${index}'
const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n')
const failure = (error) => [error.failure ?? error.code, error.message]
const module = new URL('./work.ts', import.meta.url)
${text}`
    const cwd = workFolder({ ...files, 'main.mjs': main })
    const child = spawn(process.execPath, ['main.mjs'], { cwd, env: { ...process.env, ...env } })
    const said: unknown[] = []
    let [line, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (line + chunk).split('\n')
      line = lines.pop() ?? ''
      for (const one of lines) {
        said.push(JSON.parse(one))
        on(said.at(-1), child)
      }
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
    })
    return new Promise((resolve) => child.on('close', (code) => resolve({ said, code, stderr })))
  }
