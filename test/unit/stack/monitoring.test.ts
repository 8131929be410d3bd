import { describe, expect, test } from 'vitest'
import type { UsageError } from '../../../src/errors.ts'
import { stageOf } from '../../../src/stack/names.ts'
import { settingsFrom } from '../../../src/stack/settings.ts'
import { template } from '../../../src/stack/template.ts'

const settings = (given: Record<string, string>) => settingsFrom((name) => given[name] ?? null, null)
const of = (given: Record<string, string> = {}) => template(settings({ monitor: 'load/shop.yml', ...given }))
const properties = (resource: string, given: Record<string, string> = {}) => of(given).Resources[resource]?.Properties

describe('what is monitored', () => {
  test('is nothing unless it is said, and every five minutes unless that is', () => {
    expect(settings({}).monitoring).toBe(null)
    expect(settings({ every: '1h' }).monitoring).toBe(null)
    expect(settings({ monitor: 'a.yml' }).monitoring).toEqual({ script: 'a.yml', every: 300, alert: null })
    const given = { monitor: 'a.yml', every: '1d', alert: 'https://hooks.example.com/x' }
    expect(settings(given).monitoring).toEqual({ script: 'a.yml', every: 86_400, alert: given.alert })
  })

  test.each([
    [{ alert: 'team@example.com' }, '--monitor'],
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
