import { describe, expect, test } from 'vitest'
import { commands, flags } from '../../../src/cli/flags.ts'
import type { UsageError } from '../../../src/errors.ts'
import { configText, flagOf, settingNames, settingsFrom } from '../../../src/stack/settings.ts'

const from = (given: Record<string, string>, text: string | null = null) =>
  settingsFrom((name) => given[name] ?? null, text === null ? null : { path: 'slsart.config.yml', text })

const wrong = (given: Record<string, string>, text: string | null = null): string => {
  try {
    from(given, text)
  } catch (error) {
    expect((error as UsageError).exit).toBe(2)
    return (error as UsageError).toText()
  }
  throw new Error('it was accepted')
}

test('without a word, a deployment is one vCPU of arm64 in the stage dev', () => {
  expect(from({})).toEqual({
    ...{ stage: 'dev', region: null, memory: 1769, arch: 'arm64', roleArn: null, permissionsBoundary: null, vpc: null },
    ...{ layers: [], reservedConcurrency: null, logRetention: 30, tags: {}, monitoring: null, alert: null },
  })
})

test('a flag goes before the file, the file before the default', () => {
  const settings = from({ memory: '2048' }, 'memory: 1024\nstage: load\nlogRetention: 7\n')
  expect(settings).toMatchObject({ memory: 2048, stage: 'load', logRetention: 7, arch: 'arm64' })
})

test('lists and tags are the same from a flag and from the file', () => {
  const flags = from({
    'vpc-subnets': 'subnet-1, subnet-2',
    'vpc-security-groups': 'sg-1',
    tags: 'team=load,why=a=b',
    stage: '7',
  })
  const file = from(
    {},
    'vpcSubnets: [subnet-1, subnet-2]\nvpcSecurityGroups:\n  - sg-1\ntags: { team: load, why: a=b }\nstage: "7"\n',
  )
  expect(flags).toEqual(file)
  expect(flags).toMatchObject({
    vpc: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'] },
    tags: { team: 'load', why: 'a=b' },
  })
})

test('a number or a truth value in the file is a tag like any other', () => {
  expect(from({}, 'tags: { cost: 12, ours: true }').tags).toEqual({ cost: '12', ours: 'true' })
})

test.each([
  ['an empty file', ''],
  ['a file of comments', '# memory: 1\n'],
  ['a key without a value', 'memory:\nlayers:\n'],
])('%s says nothing', (_, text) => expect(from({}, text)).toEqual(from({})))

describe('what is not allowed is said with what is:', () => {
  test.each([
    [{ memory: '64' }, null, '--memory must be from 128 to 10240 (MB), found 64'],
    [{ memory: 'much' }, null, '--memory must be from 128 to 10240 (MB), found much'],
    [{ stage: 'a_b' }, null, '--stage must be up to 32 letters, digits and dashes, found a_b'],
    [{ stage: 'x'.repeat(33) }, null, '--stage must be up to 32'],
    [{ region: 'Ireland' }, null, '--region must be a region such as eu-west-1, found Ireland'],
    [{ 'role-arn': 'admin' }, null, '--role-arn must be the ARN of a role'],
    [{ 'log-retention': '8' }, null, "--log-retention must be one of CloudWatch's: 1, 3, 5, 7"],
    [{ layers: 'arn:aws:lambda:eu-west-1:123456789012:layer:x' }, null, '--layers must be up to 5 ARNs'],
    [{ tags: 'team' }, null, '--tags must be up to 40 tags, name=value'],
    [{ tags: 'aws:x=1' }, null, '--tags must be up to 40 tags'],
    [{ 'reserved-concurrency': '0' }, null, '--reserved-concurrency must be a whole number from 1 up, found 0'],
    [{ 'vpc-subnets': 'subnet-1' }, null, 'a VPC needs both subnets and security groups'],
    [
      {
        'role-arn': 'arn:aws:iam::123456789012:role/x',
        'permissions-boundary': 'arn:aws:iam::123456789012:policy/x',
      },
      null,
      'a role of your own has a permissions boundary of its own',
    ],
    [{}, 'stage: dev\nmemory: small\n', 'slsart.config.yml:2:1: memory must be from 128 to 10240 (MB), found small'],
    [{}, 'vpcSubnets: subnet-1\n', 'slsart.config.yml:1:1: vpcSubnets must be up to 16 subnets'],
    [{}, 'memry: 1024\n', 'slsart.config.yml:1:1: unknown setting "memry"\n  Did you mean "memory"? Allowed: stage,'],
    [{}, 'stage: [\n', 'slsart.config.yml:2:1: '],
    [{}, '- stage\n', 'slsart.config.yml: settings are lines of `name: value`'],
  ])('%j %j', (given, text, message) => expect(wrong(given, text)).toContain(message))
})

describe('the file to edit', () => {
  const describeSetting = (name: (typeof settingNames)[number]): string => flags[flagOf(name)].describe
  const written = (given: Record<string, string>): string =>
    configText((name) => given[name] ?? null, 'head', describeSetting)

  test('says nothing as it is written', () => expect(from({}, written({}))).toEqual(from({})))

  test('has every setting, with an example that is allowed', () => {
    const text = written({})
      .replace(/^#(?=\w| {2})/gm, '')
      // Beside a role that is given there is none to bound.
      .replace(/^permissionsBoundary.*$/m, '')
    for (const name of settingNames) expect(written({})).toMatch(new RegExp(`^#${name}:`, 'm'))
    expect(from({}, text)).toMatchObject({ region: 'eu-west-1', layers: [expect.stringContaining('arn:')] })
  })

  test('keeps what flags say', () => {
    const given = {
      memory: '3008',
      tags: 'a=1,b=x: y',
      stage: '7',
      'vpc-subnets': 'subnet-1',
      'vpc-security-groups': 'sg-1',
    }
    expect(from({}, written(given))).toEqual(from(given))
  })
})

test('`deploy` and `configure` have a flag for every setting', () => {
  const wanted = settingNames.map((name) => flagOf(name)).toSorted()
  // Where the scheduled rounds may go besides.
  expect([...commands.deploy.flags].toSorted()).toEqual([...wanted, 'allow'].toSorted())
  expect([...commands.configure.flags].toSorted()).toEqual(wanted)
})
