/** Whole flows against servers that misbehave, through both engines: test/fuzz/flows.ts does the same for as long as wanted. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const SECONDS = 10

test('Artillery’s engine and the native one send, capture and count the same', () => {
  // The same scripts each time; test/fuzz/flows.ts looks for new ones.
  const seed = process.env.FC_SEED ?? '20261122'
  // A process of its own: what Artillery's engine does not catch ends its process.
  const { status, stdout, stderr } = spawnSync(
    join(root, 'node_modules/node/bin/node'),
    ['test/fuzz/flows.ts', '1000', seed, String(SECONDS)],
    { cwd: root, encoding: 'utf8', timeout: 150_000 },
  )
  expect(status, `FC_SEED=${seed}\n${stdout}\n${stderr}`).toBe(0)
  expect(Number(/: (\d+) scripts/.exec(stdout)?.[1]), stdout).toBeGreaterThan(10)
}, 160_000)
