/**
 * What `--monitor` adds to a stage: a schedule that has the worker run a round, and alarms. The worker itself tells the stage's topic what it
 * found, with the exchange that failed; when no rounds come any more, the alarm on missing data does.
 */
import { dimensionText, monitorPrefix, type RoundCall, roundMetrics, toldKey } from '../wire/round.ts'
import { alertStatement } from './alerts.ts'
import { functionName } from './names.ts'
import type { Policy } from './policies.ts'
import type { Monitoring, Settings } from './settings.ts'
import type { Resource } from './template.ts'

/** So many rounds in a row may be missing before that is told: one may be late. */
const MISSING = 3
const NAMESPACE = 'slsart'
/** A round that could not be begun in its time is not made up for. */
const LATEST_S = 60

type Monitored = Settings & { monitoring: Monitoring }

export function monitoringResources(settings: Monitored, common: Common): Record<string, Resource> {
  return {
    ScheduleRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        ...common,
        AssumeRolePolicyDocument: scheduleTrust,
        Policies: [{ PolicyName: 'schedule', PolicyDocument: schedulePolicy }],
      },
    },
    Schedule: schedule(settings),
    BudgetAlarm: alarm(settings, {
      AlarmDescription: `slsart: ${settings.stage} has spent the error budget of its monitoring. The worker tells the topic.`,
      MetricName: roundMetrics.spent,
      ...{ Statistic: 'Maximum', ComparisonOperator: 'GreaterThanOrEqualToThreshold', Threshold: 1 },
      ...{ EvaluationPeriods: 1, TreatMissingData: 'ignore' },
    }),
    SilenceAlarm: alarm(settings, {
      AlarmDescription: `slsart: ${settings.stage} has missed ${MISSING} rounds of its monitoring`,
      MetricName: roundMetrics.samples,
      ...{ Statistic: 'SampleCount', ComparisonOperator: 'LessThanThreshold', Threshold: 1 },
      ...{ EvaluationPeriods: MISSING, TreatMissingData: 'breaching' },
      ...{ AlarmActions: [{ Ref: 'Alerts' }], OKActions: [{ Ref: 'Alerts' }] },
    }),
  }
}

/** Of every role of the stack. */
export type Common = Resource['Properties'] & { Tags: { Key: string; Value: string }[] }

const scheduleTrust: Policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'scheduler.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    },
  ],
}

const schedulePolicy: Policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': ['Function', 'Arn'] } }],
}

/** Beside what every worker may: the round's document, what was told last, and the topic. */
export const roundPolicy: Policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Round',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: { 'Fn::Sub': `\${Bucket.Arn}/${monitorPrefix}*` },
    },
    {
      ...{ Sid: 'Told', Effect: 'Allow', Action: 's3:PutObject' },
      Resource: { 'Fn::Sub': `\${Bucket.Arn}/${monitorPrefix}${toldKey}` },
    },
    alertStatement,
  ],
}

function schedule({ stage, monitoring }: Monitored): Resource {
  // CloudFormation fills these in.
  const call: RoundCall = {
    monitor: { bucket: `\${Bucket}`, region: `\${AWS::Region}`, topic: `\${Alerts}` },
  }
  return {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Description: `slsart: monitoring by ${functionName(stage)}`,
      ScheduleExpression: rateOf(monitoring.every),
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': ['Function', 'Arn'] },
        RoleArn: { 'Fn::GetAtt': ['ScheduleRole', 'Arn'] },
        Input: { 'Fn::Sub': JSON.stringify(call) },
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: LATEST_S },
      },
    },
  }
}

function rateOf(every: number): string {
  const minutes = every / 60
  return `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`
}

const alarm = ({ stage, monitoring }: Monitored, properties: Resource['Properties']): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    Namespace: NAMESPACE,
    Dimensions: [
      { Name: 'Stage', Value: stage },
      { Name: 'Script', Value: dimensionText(monitoring.script.split('/').at(-1) ?? '') },
    ],
    Period: monitoring.every,
    ...properties,
  },
})
