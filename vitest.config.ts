import { configDefaults, defineConfig } from 'vitest/config'
import { workerBuild } from './scripts/build.ts'
import { COMPILED_ONCE } from './test/support/compiled.ts'
import { RETRY, SecondTries } from './test/support/second-try.ts'

/** What starts no command. */
const PURE = ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts']
/** What nobody times: three at once. */
const UNTIMED = [
  ...['acceptance', 'bad-input', 'bundling', 'configure', 'cost', 'doctor', 'extensions', 'fetch', 'hooks', 'hostile'],
  ...['html', 'logs', 'monitor', 'outputs', 'package', 'plugins', 'record', 'secrets', 'targets', 'tasks'],
].map((name) => `test/e2e/${name}.test.ts`)
/** What mostly waits, for loads of a few requests a second: two at once. */
const WAITING = [
  'attach',
  'conservation',
  'dashboard',
  'kill',
  'omission',
  'progress',
  'sockets',
  'thresholds',
  'warmup',
]
  .map((name) => `test/e2e/${name}.test.ts`)
  .concat('test/contract/bucket-secrets.test.ts')

export default defineConfig({
  // The worker's own code names Artillery's files as its bundle does.
  resolve: { alias: workerBuild.alias ?? {} },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: PURE,
          // A process for each file takes as long as all that is in them.
          isolate: false,
          fileParallelism: true,
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'untimed',
          retry: RETRY,
          include: UNTIMED,
          fileParallelism: true,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'waiting',
          retry: RETRY,
          include: WAITING,
          fileParallelism: true,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'timed',
          retry: RETRY,
          include: ['test/**/*.test.ts'],
          // Those of test/aws and test/chaos have configurations of their own: `npm run test:aws`, `npm run test:chaos`.
          exclude: [...configDefaults.exclude, 'test/aws/**', 'test/chaos/**', ...PURE, ...UNTIMED, ...WAITING],
          // Load tests time things on two cores: files run one after the other, or they would measure each other.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
    maxConcurrency: 4,
    testTimeout: 60_000,
    hookTimeout: 30_000,
    env: COMPILED_ONCE,
    // .ci/run reads the counts from the file.
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.ci/test-results.json' }], new SecondTries('.ci/second-tries.txt')]
      : ['default'],
  },
})
