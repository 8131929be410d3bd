import { defineConfig } from 'vitest/config'
import { workerBuild } from '../../scripts/build.ts'

/** See README.md. */
const isLong = process.env.SLSART_CHAOS_TRIALS !== undefined

export default defineConfig({
  resolve: { alias: workerBuild.alias ?? {} },
  test: {
    include: ['test/chaos/**/*.test.ts'],
    // What is measured is when things happen: one file after the other. Within a file, what mostly waits runs side by side.
    fileParallelism: false,
    globalSetup: ['test/aws/setup.ts'],
    // Of what runs side by side within a file.
    maxConcurrency: isLong ? 10 : 5,
    testTimeout: isLong ? 3 * 3_600_000 : 120_000,
    hookTimeout: 60_000,
    // .ci/run reads the counts from the file.
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.ci/chaos-results.json' }]] : ['default'],
  },
})
