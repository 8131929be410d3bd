/** What travels with a run, and what the user's code finds when it runs: files beside it, packages, native code. */
import { copyFileSync, globSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { packScript } from '../../src/scenario/pack.ts'
import { readScript } from '../../src/scenario/read.ts'
import { type Ended, readReport, run, workFolder } from '../support/cli.ts'

const script = (
  config: string,
  flow = '[{ function: look }, { post: { url: /echo, json: { found: "{{ found }}" } } }]',
): string => `config:
  target: "{{ $env.TARGET }}"
  phases: [{ duration: 1, arrivalCount: 2 }]
${config}scenarios:
  - flow: ${flow}
`

/** Runs the script of the folder; what virtual users found is what they posted. */
async function invoke(folder: string, path = 'script.yml', more: string[] = []): Promise<Ended & { found: unknown[] }> {
  const target = await startTarget()
  const bodies: string[] = []
  target.watch(({ body }) => bodies.push(body))
  const args = ['invoke', '-p', path, '--local', '--workers', '1', '-q', '-o', 'report.json', ...more]
  const ended = await run(folder, args, { TARGET: target.url })
  await target.close()
  return { ...ended, found: bodies.map((body) => (JSON.parse(body) as { found: unknown }).found) }
}

/** The texts of what travels with a script, packed anew: nothing of it stays with the run's record. */
async function travelled(folder: string, path = 'script.yml'): Promise<string[]> {
  expect(readdirSync(join(folder, '.slsart/runs', readReport(folder).run.id, 'bundles'))).toEqual([])
  const none = { config: null, target: null, environment: null, overrides: null, variables: null, scenarioName: null }
  const script = await readScript({
    ...{ paths: [path], texts: [], cwd: folder, env: { TARGET: 'http://127.0.0.1:1' }, ...none },
    ...{ insecure: false, strict: false, outside: false, engine: 'auto' },
  })
  return (await packScript(script, 0)).files.map(({ bytes }) => new TextDecoder().decode(bytes))
}

const look = (value: string): string => `export async function look(context) {\n  context.vars.found = ${value}\n}\n`

test.concurrent('each module finds the files beside it, however deep it lies', async () => {
  const folder = workFolder({
    'script.yml': script('  processor: ./hooks.ts\n'),
    'hooks.ts': `import { deep } from './a/b/deep.mjs'\nimport old from './old/old.cjs'\n${look('[deep(), old()]')}`,
    'a/b/deep.mjs': `import { readFileSync } from 'node:fs'
import { dirname, basename } from 'node:path'
import { fileURLToPath } from 'node:url'
const __dirname = dirname(fileURLToPath(import.meta.url))
export const deep = () => [readFileSync(__dirname + '/words.txt', 'utf8'), readFileSync(new URL('words.txt', import.meta.url), 'utf8'), basename(import.meta.dirname), basename(import.meta.filename)].join()\n`,
    'a/b/words.txt': 'deep',
    'old/old.cjs': `#!/usr/bin/env node
const { readFileSync } = require('fs')
module.exports = () => readFileSync(__dirname + '/words.txt', 'utf8') + require('path').basename(__filename)\n`,
    'old/words.txt': 'old',
  })
  const { found, stderr } = await invoke(folder)
  expect(found, stderr).toEqual(Array(2).fill(['deep,deep,b,deep.mjs', 'oldold.cjs']))
  // Read where it lies: what the script does not name does not travel.
  expect((await travelled(folder)).join()).not.toContain('words.txt","deep')
})

test.concurrent('packages that are only ES modules, with top-level await, are bundled', async () => {
  const folder = workFolder({
    'script.yml': script('  processor: ./hooks.js\n'),
    'hooks.js': `import { words } from 'only-esm'\n${look('words')}`,
    'node_modules/only-esm/package.json': '{"name":"only-esm","type":"module","exports":{"import":"./index.js"}}',
    'node_modules/only-esm/index.js': 'export const words = await Promise.resolve("esm")\n',
  })
  const { found, stderr } = await invoke(folder)
  expect(found, stderr).toEqual(['esm', 'esm'])
})

/** A compiled module that is installed here. */
const native = (): string => {
  const [file = ''] = globSync(join(import.meta.dirname, '../../node_modules/@rolldown/binding-linux-*/*.node'))
  return file
}

test.concurrent('native code is loaded from where it lies', async () => {
  const folder = workFolder({
    'script.yml': script('  processor: ./hooks.js\n'),
    'hooks.js': `const native = require('native')\nmodule.exports = { async look(context) { context.vars.found = typeof native.byPath + Object.is(native.byPath, native.byName) } }\n`,
    'node_modules/native/package.json': '{"name":"native","main":"index.js"}',
    // By name, and as packages do it that look for the file of this platform.
    'node_modules/native/index.js': `exports.byName = require('./build/addon.node')
exports.byPath = require(require('node:path').join(__dirname, 'build', ['addon', 'node'].join('.')))\n`,
  })
  mkdirSync(join(folder, 'node_modules/native/build'))
  copyFileSync(native(), join(folder, 'node_modules/native/build/addon.node'))
  const { found, stderr } = await invoke(folder)
  expect(found, stderr).toEqual(['objecttrue', 'objecttrue'])
})

test.concurrent('what the script calls external is not bundled, and found where it lies', async () => {
  const folder = workFolder({
    'load/script.yml': script('  processor: ./hooks.ts\n  bundling: { external: [big] }\n'),
    'load/hooks.ts': `import { size, parts } from 'big'\nimport { half } from 'big/half.js'\n${look('[size, parts(), half]')}`,
    'load/node_modules/big/package.json':
      '{"name":"big","type":"module","exports":{".":{"import":"./esm.js","require":"./cjs.cjs"},"./half.js":"./half.js"}}',
    'load/node_modules/big/esm.js': `import { readdirSync } from 'node:fs'\nexport const size = 'not in the bundle'\nexport const parts = () => readdirSync(import.meta.dirname).length\n`,
    'load/node_modules/big/cjs.cjs': 'exports.size = "cjs"\n',
    'load/node_modules/big/half.js': 'export const half = 0.5\n',
  })
  const { found, stderr } = await invoke(folder, 'load/script.yml')
  expect(found, stderr).toEqual(Array(2).fill(['not in the bundle', 4, 0.5]))
  expect((await travelled(folder, 'load/script.yml')).join()).not.toContain('not in the bundle')
})

test.concurrent('a processor with a syntax error is refused with its place', async () => {
  const folder = workFolder({
    'script.yml': script('  processor: ./hooks.ts\n'),
    'hooks.ts': 'export const fine = 1\nexport async function look(context) {\n  context.vars.found = = 1\n}\n',
  })
  const { code, stderr, found } = await invoke(folder)
  expect({ code, found }).toEqual({ code: 2, found: [] })
  expect(stderr).toContain('hooks.ts:3:24')
})

test.concurrent('files that the script names travel, under their hash; others do not', async () => {
  const folder = workFolder({
    'package.json': '{}',
    'load/script.yml': script(
      '  includeFiles: [../shared/included.txt]\n',
      '[{ post: { url: /echo, formData: { file: { fromFile: ./upload.txt } } } }]',
    ),
    'load/upload.txt': 'uploaded text',
    'shared/included.txt': 'included text',
    'shared/secret.txt': 'secret text',
  })
  const target = await startTarget()
  const bodies: string[] = []
  target.watch(({ body }) => bodies.push(body))
  const args = ['invoke', '-p', 'load/script.yml', '--local', '--workers', '1', '-q', '-o', 'report.json']
  const { stderr } = await run(folder, args, { TARGET: target.url })
  await target.close()
  expect(bodies, stderr).toHaveLength(2)
  expect(bodies[0]).toContain('uploaded text')
  expect((await travelled(folder, 'load/script.yml')).toSorted()).toEqual(['included text', 'uploaded text'])
})

const outside: [string, string, string?][] = [
  ['a data file', '  payload: { path: ../outside.csv, fields: [a] }\n'],
  ['the processor', '  processor: ../outside.js\n'],
  ['an included file', '  includeFiles: [../outside.csv]\n'],
  ['an uploaded file', '', '[{ post: { url: /echo, formData: { f: { fromFile: ../outside.csv } } } }]'],
]
test.concurrent.each(outside)(
  '%s outside the project is refused, unless the flag allows it',
  async (_, config, flow) => {
    const folder = workFolder({
      'project/package.json': '{}',
      'project/script.yml': script(config, flow ?? '[{ get: { url: /items/1 } }]'),
      'outside.csv': 'a\n1\n',
      'outside.js': 'module.exports = {}\n',
    })
    const plan = (...more: string[]): Promise<Ended> =>
      run(join(folder, 'project'), ['plan', '-p', 'script.yml', ...more], { TARGET: 'http://127.0.0.1:1' })
    const refused = await plan()
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/script\.yml:\d+:\d+: \.\.\/outside\.\w+ lies outside the project/)
    expect(refused.stderr).toContain('--allow-outside')
    expect(await plan('--allow-outside')).toMatchObject({ code: 0, stderr: '' })
  },
)

test.concurrent('a link that leads out of the project is outside it too', async () => {
  const folder = workFolder({
    'project/package.json': '{}',
    'project/script.yml': script('  includeFiles: [link.csv]\n', '[{ get: { url: /items/1 } }]'),
    'outside.csv': 'a\n1\n',
  })
  symlinkSync('../outside.csv', join(folder, 'project/link.csv'))
  const { code, stderr } = await run(join(folder, 'project'), ['plan', '-p', 'script.yml'], {
    TARGET: 'http://127.0.0.1:1',
  })
  expect(code).toBe(2)
  expect(stderr).toContain('link.csv lies outside the project')
})

test.concurrent('a named file that is not there is refused with its place', async () => {
  const folder = workFolder({ 'script.yml': script('  includeFiles: [none.txt]\n') })
  const { code, stderr } = await run(folder, ['plan', '-p', 'script.yml'], { TARGET: 'http://127.0.0.1:1' })
  expect(code).toBe(2)
  expect(stderr).toContain('script.yml:4:18: there is no file none.txt')
})
