import { expect, test } from 'vitest'
import { functionName, logGroupName, type ResourceKind, stageOf } from '../../../src/stack/names.ts'

test.each<[ResourceKind, string, string | null]>([
  ['function', functionName('dev'), 'dev'],
  ['function', functionName('a-worker'), 'a-worker'],
  ['function', 'slsart-dev', null],
  ['function', 'theirs-worker', null],
  ['log group', logGroupName('dev-2'), 'dev-2'],
  ['log group', '/aws/lambda/slsart-dev', null],
  ['bucket', 'slsart-dev-2-bucket-1a2b3c', 'dev-2'],
  ['bucket', 'slsart-reports', null],
  ['role', 'slsart-dev-WorkerRole-1A2b3C', 'dev'],
  ['role', 'slsart-dev', null],
])('the %s %s is of the stage %s', (kind, name, stage) => expect(stageOf(kind, name)).toBe(stage))
