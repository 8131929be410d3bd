import { configDefaults, defineConfig } from 'vitest/config'
import { workerBuild } from '../../scripts/build.ts'

/** See README.md. */
const isLong = process.env.SLSART_CHAOS_TRIALS !== undefined

/** They share the clock of one machine, but mostly they wait. */
const STOPPING = ['again', 'lease', 'stop'].map((name) => `test/chaos/${name}.test.ts`)

export default defineConfig({
  resolve: { alias: workerBuild.alias ?? {} },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'stopping',
          include: STOPPING,
          fileParallelism: !isLong,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'losing',
          include: ['test/chaos/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...STOPPING],
          // What is measured is when things happen: one file after the other.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    globalSetup: ['test/aws/setup.ts'],
    // Of what runs side by side within a file.
    maxConcurrency: isLong ? 10 : 5,
    testTimeout: isLong ? 3 * 3_600_000 : 120_000,
    hookTimeout: 60_000,
    // .ci/run reads the counts from the file.
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.ci/chaos-results.json' }]] : ['default'],
  },
})
