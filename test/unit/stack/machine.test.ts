/** The state machine, held to the Amazon States Language. */
import validate from 'asl-validator'
import { expect, it } from 'vitest'
import { definition } from '../../../src/stack/machine.ts'
import { settingsFrom } from '../../../src/stack/settings.ts'
import { template } from '../../../src/stack/template.ts'

const of = (given: Record<string, string> = {}) => template(settingsFrom((name) => given[name] ?? null, null))

it('is one that Step Functions takes', () => {
  const { isValid, errorsText } = validate(definition, { checkArn: true, checkPaths: true })
  expect(isValid, errorsText('\n')).toBe(true)
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
