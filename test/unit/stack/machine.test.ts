/** The state machine, held to the Amazon States Language. */
import validate from 'asl-validator'
import { expect, it } from 'vitest'
import { definitionFor } from '../../../src/stack/machine.ts'
import { settingsFrom } from '../../../src/stack/settings.ts'
import { template } from '../../../src/stack/template.ts'

const of = (given: Record<string, string> = {}) => template(settingsFrom((name) => given[name] ?? null, null))

const definition = definitionFor(null)
const alert = { stage: 'dev', topic: 'arn:aws:sns:eu-west-1:123456789012:slsart-dev-Alerts-1A2B' }

it.each([
  ['whoever is told', alert],
  ['nobody', null],
])('is one that Step Functions takes, with %s', (_, told) => {
  const { isValid, errorsText } = validate(definitionFor(told), { checkArn: true, checkPaths: true })
  expect(isValid, errorsText('\n')).toBe(true)
})

it('tells a topic how the run ended, whatever became of its report, and only where somebody is to be told', () => {
  expect(JSON.stringify(definition)).not.toContain('sns')
  const { Close, GiveUp, Tell, TellUnclosed, Unclosed } = definitionFor(alert).States
  const closing = { Next: 'Tell', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'TellUnclosed' }] }
  expect([Close, GiveUp]).toMatchObject([closing, closing])
  expect(Tell).toMatchObject({ Resource: 'arn:aws:states:::sns:publish', Parameters: { TopicArn: alert.topic } })
  expect(TellUnclosed).toMatchObject({ Parameters: { TopicArn: alert.topic }, Next: 'Unclosed' })
  expect(Unclosed).toMatchObject({ Type: 'Fail' })
})

it('may publish to the topic of its stage, and only where --alert says whom that tells', () => {
  const alerting = of({ alert: 'team@example.com' }).Resources
  const { DefinitionString, DefinitionSubstitutions } = alerting.Machine?.Properties ?? {}
  expect(JSON.parse(String(DefinitionString))).toEqual(definitionFor({ stage: 'dev', topic: `\${Alerts}` }))
  expect(DefinitionSubstitutions).toEqual({ Alerts: { Ref: 'Alerts' } })
  expect(alerting.Alerts?.Properties).toMatchObject({
    Subscription: [{ Protocol: 'email', Endpoint: 'team@example.com' }],
  })
  const publishing = '"Action":"sns:Publish","Resource":{"Ref":"Alerts"}'
  expect(JSON.stringify(alerting.MachineRole)).toContain(publishing)
  // The script's code runs with this one.
  expect(JSON.stringify(alerting.WorkerRole)).not.toContain('sns:')
  expect(JSON.stringify(of({ monitor: 'a.yml' }).Resources.MachineRole)).not.toContain('sns:')
})

it('tries no worker again, and closes the run however its windows end', () => {
  const text = JSON.stringify(definition)
  expect(text).not.toContain('Retry')
  const { Windows, Close, GiveUp } = definition.States
  expect(Windows).toMatchObject({ Next: 'Close', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'GiveUp' }] })
  expect(Close).toMatchObject({ Parameters: { Payload: { close: 'over' } } })
  expect(GiveUp).toMatchObject({ Parameters: { Payload: { close: 'failed' } } })
})

it('is in the template, with a role that may start its workers and nothing else of the account', () => {
  const { Resources } = of()
  expect(JSON.parse(String(Resources.Machine?.Properties.DefinitionString))).toEqual(definition)
  const { Policies } = Resources.MachineRole?.Properties ?? {}
  const Statement = [{ Action: 'lambda:InvokeFunction' }, { Action: 's3:GetObject' }, {}, {}]
  expect(Policies).toMatchObject([{ PolicyDocument: { Statement } }])
  const own = of({ 'role-arn': 'arn:aws:iam::123456789012:role/mine' })
  expect(Object.keys(own.Resources).filter((name) => name.startsWith('Machine'))).toEqual([])
})
