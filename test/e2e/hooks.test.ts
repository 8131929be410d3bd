/** `before` and `after`: once a run, whatever the number of workers, and what `before` sets reaches every virtual user. */
import { expect, test } from 'vitest'
import { type Seen, startTarget } from '../../demo/target.ts'
import { readReport, run, start, workFolder } from '../support/cli.ts'

const script = (more: { before?: string; after?: string; seconds?: number }): string => `config:
  target: "{{ $env.TARGET }}"
  processor: ./hooks.js
  variables: { own: [mine] }
  phases: [{ duration: ${more.seconds ?? 1}, arrivalRate: 12 }]
before:
  flow:
${more.before ?? '    - get: { url: "/items/7?by=before", capture: { json: $.id, as: token } }\n    - function: note'}
after:
  flow:
${more.after ?? '    - get: { url: "/items/{{ token }}?by=after&noted={{ noted.deep }}" }'}
scenarios:
  - flow: [{ get: { url: "/items/{{ token }}?by=vu&noted={{ noted.deep }}&own={{ own }}" } }]
`
const HOOKS = `module.exports = {
  note(context, _events, done) { context.vars.noted = { deep: 'yes' }; context.vars.own = 'before'; done() },
  wait(_context, _events, done) { setTimeout(done, 20000) },
  fail(_context, _events, done) { done(new Error('no luck')) },
}
`

async function target(): Promise<{ seen: Seen[]; env: Record<string, string>; close(): Promise<void> }> {
  const server = await startTarget()
  const seen: Seen[] = []
  server.watch((request) => seen.push(request))
  return { seen, env: { TARGET: server.url }, close: () => server.close() }
}

const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '3', '-o', 'report.json']

test('they run once, in their order, and their variables reach every virtual user', async () => {
  const { seen, env, close } = await target()
  const folder = workFolder({ 'script.yml': script({}), 'hooks.js': HOOKS })
  const { code, stderr } = await run(folder, args, env)
  await close()
  expect(code, stderr).toBe(0)
  const paths = seen.map(({ path }) => path)
  expect(paths[0]).toBe('/items/7?by=before')
  expect(paths.slice(1, -1)).toEqual(Array(12).fill('/items/7?by=vu&noted=yes&own=mine'))
  expect(paths.at(-1)).toBe('/items/7?by=after&noted=yes')
  // They are not load: nothing of them is in what was measured.
  expect(readReport(folder).aggregate.counters['http.requests']).toBe(12)
})

test('a `before` that fails ends the run before any virtual user, and `after` is not run', async () => {
  const { seen, env, close } = await target()
  const folder = workFolder({
    'script.yml': script({ before: '    - get: { url: /items/1, match: { json: $.id, value: "2" } }' }),
    'hooks.js': HOOKS,
  })
  const { code, stderr } = await run(folder, args, env)
  await close()
  expect(code).toBe(3)
  expect(stderr).toContain('`before` failed: Failed capture or match\n  No virtual user was launched.')
  expect(seen).toHaveLength(1)
})

test('an `after` that fails is told, and the verdict stays what the load has earned', async () => {
  const { env, close } = await target()
  const folder = workFolder({ 'script.yml': script({ after: '    - function: fail' }), 'hooks.js': HOOKS })
  const { code, stdout } = await run(folder, args, env)
  await close()
  expect(code).toBe(0)
  expect(stdout).toContain('after      `after` failed: no luck')
  expect(readReport(folder)).toMatchObject({ after: { problem: '`after` failed: no luck' } })
})

test('^C while `before` runs ends it, and nothing is launched', async () => {
  const { seen, env, close } = await target()
  const before = '    - get: { url: "/items/1?by=before" }\n    - function: wait'
  const folder = workFolder({ 'script.yml': script({ before }), 'hooks.js': HOOKS })
  const running = start(folder, args, env)
  await until(() => seen.length === 1)
  const told = performance.now()
  running.child.kill('SIGINT')
  const { code } = await running.ended
  await close()
  expect(performance.now() - told).toBeLessThan(5_000)
  expect(code).toBe(130)
  expect(seen).toHaveLength(1)
  expect(readReport(folder).ledger).toMatchObject({ due: 12, launched: 0, lost: 12, balanced: true })
})

test('^C during the load: `after` still takes away what `before` has made', async () => {
  const { seen, env, close } = await target()
  const folder = workFolder({ 'script.yml': script({ seconds: 30 }), 'hooks.js': HOOKS })
  const running = start(folder, args, env)
  await until(() => seen.filter(({ path }) => path.includes('by=vu')).length > 3)
  running.child.kill('SIGINT')
  const { code } = await running.ended
  await close()
  expect(code).toBe(130)
  expect(seen.at(-1)?.path).toContain('by=after')
})

async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!done()) {
    if (performance.now() > deadline) throw new Error('it did not happen within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
