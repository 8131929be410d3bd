import { defineConfig } from 'vitest/config'
import { workerBuild } from '../../scripts/build.ts'
import { COMPILED_ONCE } from '../support/compiled.ts'
import { RETRY, SecondTries } from '../support/second-try.ts'

export default defineConfig({
  resolve: { alias: workerBuild.alias ?? {} },
  test: {
    include: ['test/aws/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: ['test/aws/setup.ts'],
    // Mostly they wait: each file has an AWS of its own, and three of them are no burden to two cores.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    retry: RETRY,
    env: COMPILED_ONCE,
    // .ci/run reads the counts from the file.
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.ci/aws-results.json' }], new SecondTries('.ci/second-tries.txt')]
      : ['default'],
  },
})
