import { describe, expect, test } from 'vitest'
import type { UsageError } from '../../../src/errors.ts'
import { roundPolicy } from '../../../src/stack/monitoring.ts'
import { stageOf } from '../../../src/stack/names.ts'
import { operatorPolicy, type Policy } from '../../../src/stack/policies.ts'
import { settingsFrom } from '../../../src/stack/settings.ts'
import { template } from '../../../src/stack/template.ts'
import { isAllowed } from '../../support/iam.ts'

const settings = (given: Record<string, string>) => settingsFrom((name) => given[name] ?? null, null)
const of = (given: Record<string, string> = {}) => template(settings({ monitor: 'load/shop.yml', ...given }))
const properties = (resource: string, given: Record<string, string> = {}) => of(given).Resources[resource]?.Properties

describe('what is monitored', () => {
  test('is nothing unless it is said, and every five minutes unless that is', () => {
    expect(settings({}).monitoring).toBe(null)
    expect(settings({ every: '1h' }).monitoring).toBe(null)
    expect(settings({ monitor: 'a.yml' }).monitoring).toEqual({ script: 'a.yml', every: 300 })
    const given = { monitor: 'a.yml', every: '1d', alert: 'https://hooks.example.com/x' }
    expect(settings(given)).toMatchObject({ monitoring: { script: 'a.yml', every: 86_400 }, alert: given.alert })
  })

  test.each([
    [{ alert: 'team@example.com', 'role-arn': 'arn:aws:iam::123456789012:role/ours' }, '--monitor'],
    [{ monitor: 'a.yml', every: '30s' }, '--every must be minutes or hours'],
    [{ monitor: 'a.yml', every: '0m' }, '--every'],
    [{ monitor: 'a.yml', every: '25h' }, '--every'],
    [{ monitor: 'a.yml', alert: 'somebody' }, '--alert must be a mail address'],
    [{ monitor: 'a.yml', alert: 'http://hooks.example.com' }, '--alert'],
  ])('is refused when wrong: %o', (given, said) => {
    expect(() => settings(given)).toThrow(expect.objectContaining({ exit: 2 } satisfies Partial<UsageError>))
    expect(String(refusalOf(given))).toContain(said)
  })

  const refusalOf = (given: Record<string, string>): string => {
    try {
      settings(given)
    } catch (error) {
      return (error as UsageError).toText()
    }
    return 'it was accepted'
  }
})

describe('the template', () => {
  test('has a schedule, who may call by it, a topic and two alarms, and without --monitor none of them', () => {
    const own = ['Alerts', 'ScheduleRole', 'Schedule', 'BudgetAlarm', 'SilenceAlarm']
    expect(Object.keys(of().Resources)).toEqual(expect.arrayContaining(own))
    expect(Object.keys(template(settings({})).Resources).filter((name) => own.includes(name))).toEqual([])
    expect(JSON.stringify(template(settings({})))).not.toContain('sns:')
  })

  test('calls the worker with what it needs, and does not make up for a call that is lost', () => {
    const schedule = JSON.parse(JSON.stringify(properties('Schedule', { every: '1m' })))
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      Target: { RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } },
    })
    const filled = (schedule.Target.Input['Fn::Sub'] as string).replaceAll(
      /\$\{(.+?)\}/g,
      (_, name: string) => `<${name}>`,
    )
    expect(JSON.parse(filled)).toEqual({ monitor: { bucket: '<Bucket>', region: '<AWS::Region>', topic: '<Alerts>' } })
  })

  test('tells when rounds are missing, and when they come again', () => {
    const told = [{ Ref: 'Alerts' }]
    expect(properties('SilenceAlarm', { every: '10m', stage: 'load' })).toMatchObject({
      ...{ TreatMissingData: 'breaching', EvaluationPeriods: 3, Period: 600, AlarmActions: told, OKActions: told },
      Dimensions: [
        { Name: 'Stage', Value: 'load' },
        { Name: 'Script', Value: 'shop.yml' },
      ],
    })
    expect(properties('BudgetAlarm')).toMatchObject({ MetricName: 'MonitoringSpent', Threshold: 1 })
  })

  test('has mail sent, or a URL called, if anybody is named', () => {
    expect(properties('Alerts')).not.toHaveProperty('Subscription')
    expect(properties('Alerts', { alert: 'team@example.com' })).toMatchObject({
      Subscription: [{ Protocol: 'email', Endpoint: 'team@example.com' }],
    })
    expect(properties('Alerts', { alert: 'https://hooks.example.com/x' })).toMatchObject({
      Subscription: [{ Protocol: 'https' }],
    })
  })

  test('lets the worker read what is monitored and publish to that topic, and bounds both roles', () => {
    const boundary = 'arn:aws:iam::123456789012:policy/boundary'
    const worker = JSON.stringify(properties('WorkerRole'))
    expect(worker).toContain('"Action":"sns:Publish","Resource":{"Ref":"Alerts"}')
    for (const role of ['WorkerRole', 'ScheduleRole']) {
      expect(properties(role, { 'permissions-boundary': boundary })).toMatchObject({ PermissionsBoundary: boundary })
    }
    expect(stageOf('role', 'slsart-dev-ScheduleRole-1A2B3C')).toBe('dev')
  })
})

describe('who may do what', () => {
  const bucket = 'arn:aws:s3:::slsart-dev-bucket-abc'
  const topic = 'arn:aws:sns:eu-west-1:123456789012:slsart-dev-Alerts-1A2B'
  const filled = JSON.parse(JSON.stringify(roundPolicy), (_, value) => {
    const { 'Fn::Sub': text, Ref: name } = Object(value) as { 'Fn::Sub'?: string; Ref?: string }
    return name === 'Alerts' ? topic : (text?.replace(`\${Bucket.Arn}`, bucket) ?? value)
  }) as Policy

  test.each([
    ['s3:GetObject', `${bucket}/monitor/round.json`, true],
    ['s3:PutObject', `${bucket}/monitor/told.json`, true],
    ['sns:Publish', topic, true],
    // What is monitored is the operator's to say, and the script's code runs with this role.
    ['s3:PutObject', `${bucket}/monitor/round.json`, false],
    ['sns:Publish', 'arn:aws:sns:eu-west-1:123456789012:others', false],
    ['sns:Subscribe', topic, false],
  ])('the worker: %s on %s: %s', (action, resource, may) => {
    expect(isAllowed([filled], { action, resource })).toBe(may)
  })

  test('whoever deploys may make all of it, and no topic or schedule of anybody else', () => {
    const operator = [operatorPolicy({ partition: 'aws', account: '123456789012', region: 'eu-west-1' }, null)]
    const at = (service: string, rest: string): string => `arn:aws:${service}:eu-west-1:123456789012:${rest}`
    const can = (action: string, resource: string): boolean => isAllowed(operator, { action, resource })
    expect(can('s3:PutObject', `${bucket}/monitor/round.json`)).toBe(true)
    expect(can('s3:PutObject', `${bucket}/runs/1/orders.json`)).toBe(false)
    expect(can('scheduler:CreateSchedule', at('scheduler', 'schedule/default/slsart-dev-Schedule-1'))).toBe(true)
    expect(can('scheduler:CreateSchedule', at('scheduler', 'schedule/default/others'))).toBe(false)
    expect(can('sns:CreateTopic', topic)).toBe(true)
    expect(can('sns:DeleteTopic', at('sns', 'others'))).toBe(false)
    expect(can('cloudwatch:PutMetricAlarm', at('cloudwatch', 'alarm:slsart-dev-SilenceAlarm-1'))).toBe(true)
  })
})
