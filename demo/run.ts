/** `npm run demo`: the target, the quickstart script against it with four workers, the summary, report.json. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { startTarget } from './target.ts'

const root = join(import.meta.dirname, '..')
const target = await startTarget()
console.error(`demo target on ${target.url}`)
const args = [
  'invoke',
  '-p',
  'scenarios/quickstart.yml',
  '--local',
  '--target',
  target.url,
  '--workers',
  '4',
  '--seed',
  '7',
]
const slsart = spawn(process.execPath, [join(root, 'bin/slsart.js'), ...args, '-o', 'report.json'], {
  cwd: root,
  stdio: 'inherit',
})
// ^C reaches both; the run ends first, with its summary, and the target after it.
process.on('SIGINT', () => {})
const code = await new Promise<number>((resolve) => slsart.on('close', (exit) => resolve(exit ?? 1)))
console.error(`the target counted ${target.total()} requests; the report is in report.json`)
await target.close()
process.exitCode = code
