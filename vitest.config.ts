import { configDefaults, defineConfig } from 'vitest/config'
import { workerBuild } from './scripts/build.ts'

export default defineConfig({
  // The worker's own code names Artillery's files as its bundle does.
  resolve: { alias: workerBuild.alias ?? {} },
  test: {
    include: ['test/**/*.test.ts'],
    // They have a configuration of their own: `npm run test:aws`.
    exclude: [...configDefaults.exclude, 'test/aws/**'],
    // Load tests time things on two cores: files run one after the other, or they would measure each other.
    fileParallelism: false,
    maxConcurrency: 5,
    testTimeout: 60_000,
    hookTimeout: 30_000,
    // .ci/run reads the counts from the file.
    reporters: process.env.CI ? ['default', ['json', { outputFile: '.ci/test-results.json' }]] : ['default'],
  },
})
