import { configDefaults, defineConfig } from 'vitest/config'
import { workerBuild } from '../../scripts/build.ts'
import { COMPILED_ONCE } from '../support/compiled.ts'
import { RETRY, SecondTries } from '../support/second-try.ts'

/** See README.md. */
const ALONE = ['stop', 'cost', 'full-disk'].map((name) => `test/chaos/${name}.test.ts`)
const isLong = process.env.SLSART_CHAOS_TRIALS !== undefined

export default defineConfig({
  resolve: { alias: workerBuild.alias ?? {} },
  test: {
    // What is measured is when things happen: fifty workers, and seconds that are paid for, have the machine to themselves. Everything else
    // mostly waits, and runs side by side.
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'beside',
          include: ['test/chaos/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE],
          fileParallelism: !isLong,
          maxWorkers: 4,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    globalSetup: ['test/aws/setup.ts'],
    // Of what runs side by side within a file. Trials have nothing but each other beside them, and say how soon things happen.
    maxConcurrency: isLong ? 5 : 7,
    testTimeout: isLong ? 3 * 3_600_000 : 120_000,
    hookTimeout: 60_000,
    retry: RETRY,
    env: COMPILED_ONCE,
    // .ci/run reads the counts from the file.
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.ci/chaos-results.json' }], new SecondTries('.ci/second-tries.txt')]
      : ['default'],
  },
})
