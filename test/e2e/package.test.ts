/** What somebody gets who installs slsart: the packed package with its own dependencies, and Artillery nowhere. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { workFolder } from '../support/cli.ts'

const root = join(import.meta.dirname, '../..')
const SCRIPT = `config:
  phases: [{ duration: 1, arrivalCount: 5 }]
  processor: ./hooks.ts
  ensure: { thresholds: [{ vusers.failed: 1 }] }
scenarios:
  - flow: [{ function: choose }, { get: { url: "/items/{{ id }}", expect: { statusCode: 200 } } }]
`
const HOOKS =
  'export async function choose(context: { vars: { id?: number } }): Promise<void> {\n  context.vars.id = 3\n}\n'
const WORK = 'export const halve = (n: number): { half: number } => ({ half: n / 2 })\n'
const PROGRAM = `import { localFleet, MapError, type Outcome, TaskError } from 'slsart'

const fleet = localFleet<typeof import('./work.ts')>({ module: new URL('./work.ts', import.meta.url) })
const one: number = (await fleet.submit('halve', 42).result).half
const outcomes: Outcome<number, { half: number }>[] = []
for await (const outcome of fleet.map('halve', [2], { toleratedFailures: 0.5 })) outcomes.push(outcome)
await fleet.close()
console.log(one, outcomes[0]?.state, MapError.name, TaskError.name)

export const wrong = (): void => {
  // @ts-expect-error an item of another type
  fleet.submit('halve', 'x')
  // @ts-expect-error no such function
  fleet.submit('have', 1)
  // @ts-expect-error no such option
  localFleet({ module: 'work.ts', concurrency: 2 })
}
`
const TYPES = {
  compilerOptions: {
    ...{ noEmit: true, strict: true, module: 'nodenext', target: 'es2024', allowImportingTsExtensions: true },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
  },
  files: ['program.ts'],
}

/** The package in a folder of somebody's, with these files beside it. */
function installed(files: Record<string, string>): string {
  const folder = workFolder({ 'package.json': '{"private": true, "type": "module"}', ...files })
  const npm = (args: string[], cwd: string): string =>
    execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root)) as {
    filename: string
  }[]
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', `./${packed?.filename}`], folder)
  return folder
}

test('an installed package runs a script and a program over workers on this machine', {
  timeout: 180_000,
}, async () => {
  const files = { 'script.yml': SCRIPT, 'hooks.ts': HOOKS, 'work.ts': WORK, 'program.ts': PROGRAM }
  const folder = installed({ ...files, 'tsconfig.json': JSON.stringify(TYPES) })
  expect(existsSync(join(folder, 'node_modules/artillery'))).toBe(false)

  const target = await startTarget()
  const bin = join(folder, 'node_modules/slsart/bin/slsart.js')
  const args = [
    bin,
    'invoke',
    '-p',
    'script.yml',
    '--local',
    '--workers',
    '2',
    '-q',
    '-t',
    target.url,
    '-o',
    'report.html',
  ]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  const code = await new Promise((resolve) => child.on('close', resolve))
  await target.close()
  expect(code, output).toBe(0)
  expect([...target.counts]).toEqual([['GET /items/3', 5]])
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('</span> Pass</h1>')

  // What programs import, with its types.
  const typed = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], { cwd: folder })
  expect(typed.status, String(typed.stdout)).toBe(0)
  const program = spawnSync(process.execPath, ['program.ts'], { cwd: folder, encoding: 'utf8' })
  expect(program.stdout, program.stderr).toBe('21 done MapError TaskError\n')
})
