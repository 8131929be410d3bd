import { defineConfig } from 'vitest/config'
import { workerBuild } from '../../scripts/build.ts'

export default defineConfig({
  resolve: { alias: workerBuild.alias ?? {} },
  test: {
    include: ['test/aws/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: ['test/aws/setup.ts'],
    // As in the other tests: one file after the other, since they time things.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // .ci/run reads the counts from the file.
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.ci/aws-results.json' }]] : ['default'],
  },
})
