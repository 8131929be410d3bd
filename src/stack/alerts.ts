/** The topic of a stage, for whoever is to be told: of its monitoring, and how its detached runs end. */
import type { Statement } from './policies.ts'
import type { Settings } from './settings.ts'
import type { Resource } from './template.ts'

export const alertsTopic = (alert: string | null, tags: Resource['Properties'][string]): Resource => ({
  Type: 'AWS::SNS::Topic',
  Properties: {
    ...(alert === null ? {} : { Subscription: [{ Protocol: protocolOf(alert), Endpoint: alert }] }),
    Tags: tags,
  },
})

const protocolOf = (alert: string): string => (alert.startsWith('https:') ? 'https' : 'email')

/** Whether there is one. */
export const hasTopic = ({ monitoring, alert }: Settings): boolean => monitoring !== null || alert !== null

/** To that topic, and no other. */
export const alertStatement: Statement = {
  ...{ Sid: 'Alert', Effect: 'Allow', Action: 'sns:Publish' },
  Resource: { Ref: 'Alerts' },
}
