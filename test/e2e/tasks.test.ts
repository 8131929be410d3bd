/** Programs that import slsart: their functions on workers of this machine, and every way in which that can end. */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { workFolder } from '../support/cli.ts'
import { type Hear, programIn } from '../support/programs.ts'

const root = join(import.meta.dirname, '../..')

const WORK = `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { half } from './parts/half.ts'
type Context = { signal: AbortSignal }
export const halve = (n: number): number => half(n)
export const nothing = (): void => {}
export const told = (): unknown => [process.env.COLOUR, readFileSync(join(import.meta.dirname, 'parts/words.txt'), 'utf8')]
export function fails(): never {
  throw new TypeError('no good')
}
export const later = (): Promise<void> => {
  setTimeout(() => { throw new Error('too late') }, 10)
  return new Promise((resolve) => setTimeout(resolve, 5_000))
}
export const dies = (): never => process.exit(3)
export const large = (): string => 'x'.repeat(6 * 2 ** 20)
export const odd = (): unknown => ({ found: new Map() })
export const asks = (url: string): Promise<number> => fetch(url).then(({ status }) => status)
export const hangs = (folder: string | number | null, { signal }: Context): Promise<number> | number => {
  if (typeof folder === 'number') return folder
  if (typeof folder === 'string') writeFileSync(join(folder, String(process.pid)), '')
  signal.addEventListener('abort', () => console.log('told to end'))
  return new Promise(() => setInterval(() => {}, 1_000))
}
export const blocks = (): never => { for (;;); }
export const lingers = (_: null, { signal }: Context): Promise<never> => {
  signal.addEventListener('abort', () => {
    for (const from = performance.now(); performance.now() < from + 300; );
    console.log('told to end')
  })
  return new Promise(() => setInterval(() => {}, 1_000))
}
`
const FILES = {
  'work.ts': WORK,
  'parts/half.ts': 'export const half = (n: number): number => n / 2\n',
  'parts/words.txt': 'of a file',
}

const program = programIn({ ...FILES, 'pids/none': '' })

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe.concurrent('a program', () => {
  it('calls functions of a TypeScript module on workers, and has what they return', async ({ expect }) => {
    const { said, code, stderr } = await program(`
const fleet = localFleet({ module, env: { COLOUR: 'red' }, includeFiles: ['parts/words.txt'], maxConcurrency: 2 })
const results = [fleet.submit('halve', 5), fleet.submit('nothing'), fleet.submit('told')].map(({ result }) => result)
for (const result of await Promise.all(results)) say(result ?? null)
const values = []
for await (const outcome of fleet.map('halve', [2, 4, 6])) values.push([outcome.item, outcome.value])
say(values.sort())
await fleet.close()`)
    expect(code, stderr).toBe(0)
    expect(said).toEqual([
      2.5,
      null,
      ['red', 'of a file'],
      [
        [2, 1],
        [4, 2],
        [6, 3],
      ],
    ])
  })

  it('is told of each failure as what it is', async ({ expect }) => {
    const target = await startTarget()
    const { said, code, stderr } = await program(
      `
const fleet = localFleet({ module, timeout: 1_500, maxConcurrency: 2, folder: 'kept' })
const tasks = { fails: null, later: null, dies: null, large: null, odd: null, hangs: null, blocks: null, absent: null }
const all = Object.entries(tasks).map(([name, item]) => fleet.submit(name, item))
for (const url of [process.env.TARGET + '/items', 'http://203.0.113.9/', 'http://169.254.169.254/']) all.push(fleet.submit('asks', url))
for (const { result } of all) say(await result.catch(failure))
say((await all[8].result))
const error = await all[0].result.catch((error) => error)
say([error instanceof TaskError, error.cause.name, error.at])
await fleet.close()`,
      { env: { TARGET: target.url } },
    )
    await target.close()
    expect(code, stderr).toBe(0)
    const [fails, later, dies, large, odd, hangs, blocks, absent, ok, unlisted, metadata, , typed] = said
    expect(fails).toEqual(['threw', expect.stringMatching(/^fails: TypeError: no good \(.*work\.ts:9:9\)$/)])
    expect(later).toEqual(['threw', expect.stringMatching(/^later: Error: too late/)])
    expect(dies).toEqual([
      'lost',
      expect.stringMatching(/its worker is lost: exit code 3 \(its log: .*kept\/logs\/worker-2\.log\)/),
    ])
    expect(large).toEqual(['result', 'large: its result has 6.0 MB as JSON, and may have 5.0 MB'])
    expect(odd).toEqual(['result', 'odd: its result.found is a Map: only what JSON can say travels'])
    expect(hangs).toEqual(['timeout', 'hangs: it had not ended after 1.5 s'])
    expect(blocks).toEqual(['timeout', 'blocks: it had not ended after 1.5 s'])
    expect(absent).toEqual(['code', expect.stringMatching(/exports no function "absent"; it exports .*halve/)])
    expect(ok).toBe(200)
    // The guard of a run's workers: what is private may be asked, and nothing else that is not listed.
    expect(unlisted).toEqual(['threw', expect.stringMatching(/^asks: TypeError: fetch failed/)])
    expect(metadata).toEqual(['threw', expect.stringMatching(/^asks: TypeError: fetch failed/)])
    expect(typed).toEqual([true, 'TypeError', { file: expect.stringMatching(/work\.ts$/), line: 9, column: 9 }])
  })

  it('whose module cannot be loaded is told where and why', async ({ expect }) => {
    const { said } = await program(`
import { writeFileSync } from 'node:fs'
writeFileSync('wrong.ts', 'export const a = (')
writeFileSync('throws.ts', 'throw new Error("not today")')
for (const module of ['wrong.ts', 'throws.ts', 'absent.ts']) {
  const fleet = localFleet({ module })
  const error = await fleet.submit('a', 1).result.catch((error) => error)
  say([error.code, error.message])
  await fleet.close()
}`)
    expect(said).toEqual([
      ['SLSART_USAGE', expect.stringMatching(/^the module cannot be loaded: Unexpected end of file/)],
      ['SLSART_TASK', expect.stringMatching(/^a: Error: not today/)],
      ['SLSART_USAGE', expect.stringMatching(/^cannot read the module absent\.ts/)],
    ])
  })

  it('that tells its tasks to end gives them a moment, and hears from the log', async ({ expect }) => {
    const { said, code, stderr } = await program(`
import { readFileSync, readdirSync } from 'node:fs'
const fleet = localFleet({ module, timeout: 800, folder: 'kept' })
say(await fleet.submit('lingers', null).result.catch(failure))
await fleet.close()
say([readdirSync('kept').sort(), readFileSync('kept/logs/worker-0.log', 'utf8')])`)
    expect(code, stderr).toBe(0)
    expect(said[0]).toEqual(['timeout', expect.anything()])
    expect(said[1]).toEqual([['logs'], 'told to end\n'])
  })

  it('that ends without having closed its fleet ends all the same', async ({ expect }) => {
    const { said, code } = await program(`
const fleet = localFleet({ module })
say(await fleet.submit('halve', 2).result)`)
    expect({ said, code }).toEqual({ said: [1], code: 0 })
  })
})

describe.concurrent('workers are gone', () => {
  const HANG = `
import { readdirSync } from 'node:fs'
const fleet = localFleet({ module, maxConcurrency: 2 })
const all = fleet.map('hangs', ['pids', 'pids', 'pids'])
const timer = setInterval(() => {
  if (readdirSync('pids').length < 3) return
  clearInterval(timer)
  say(readdirSync('pids'))
}, 20)
for await (const outcome of all) say(outcome)
`
  it.for([
    { signal: 'SIGINT', code: 1, says: /TaskError: hangs: stopped by SIGINT/ },
    { signal: 'SIGTERM', code: 1, says: /TaskError: hangs: stopped by SIGTERM/ },
    { signal: 'SIGKILL', code: null, says: /^$/ },
  ] as const)('when their program is stopped by $signal', async ({ signal, code: expected, says }, { expect }) => {
    let pids: number[] = []
    const on: Hear = (said, child) => {
      pids = (said as string[]).filter((name) => name !== 'none').map(Number)
      child.kill(signal)
    }
    const { code, stderr } = await program(HANG, { on })
    expect(code).toBe(expected)
    expect(stderr).toMatch(says)
    expect(pids).toHaveLength(2)
    await expect.poll(() => pids.filter(isThere), { timeout: 5_000 }).toEqual([])
  })

  it('when their map is left, and when their fleet is closed, whatever becomes of the program', async ({ expect }) => {
    const { said, code, stderr } = await program(`
import { readdirSync } from 'node:fs'
const fleet = localFleet({ module, maxConcurrency: 2 })
const pids = () => readdirSync('pids').filter((name) => name !== 'none').map(Number)
const begun = async (most) => { while (pids().length < most) await new Promise((resolve) => setTimeout(resolve, 20)) }
const isThere = (pid) => { try { return process.kill(pid, 0) } catch { return false } }
for await (const { value } of fleet.map('hangs', [7, 'pids'])) {
  await begun(1)
  say(value)
  break
}
// Its place is taken when it is gone.
await Promise.all([fleet.submit('halve', 2).result, fleet.submit('halve', 2).result])
say(pids().filter(isThere))
fleet.submit('hangs', 'pids')
await begun(2)
await fleet.close()
say(pids().filter(isThere))
throw new Error('enough')`)
    expect({ said, code }).toEqual({ said: [7, [], []], code: 1 })
    expect(stderr).toContain('Error: enough')
  })
})

test('the example counts primes on workers', async () => {
  const child = spawn(process.execPath, ['demo/pool.ts'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(code).toBe(0)
  expect(output).toContain('1270607 primes below 20000000\n')
  expect(output.split('\n')).toHaveLength(10)
})

test('nothing of a fleet that was closed is left in the temporary folder', async () => {
  const tmp = workFolder()
  const { code, stderr } = await program(
    `
const fleet = localFleet({ module })
await fleet.submit('halve', 2).result
await fleet.close()`,
    { env: { TMPDIR: tmp } },
  )
  expect(code, stderr).toBe(0)
  expect(readdirSync(tmp)).toEqual([])
})
