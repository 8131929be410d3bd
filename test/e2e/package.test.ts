/** What somebody gets who installs slsart: the packed package with its own dependencies, and Artillery nowhere. */
import { execFileSync, spawn } from 'node:child_process'
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

test('an installed package runs a script over workers on this machine', { timeout: 180_000 }, async () => {
  const folder = workFolder({ 'package.json': '{"private": true}', 'script.yml': SCRIPT, 'hooks.ts': HOOKS })
  const npm = (args: string[], cwd: string): string =>
    execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root)) as {
    filename: string
  }[]
  npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', `./${packed?.filename}`], folder)
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
})
