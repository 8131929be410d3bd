/**
 * The state machine that runs what nobody conducts, in the Amazon States Language. One for every run: what a run is, is its input
 * (wire/detached.ts). Windows begin at their times, each a Distributed Map over its slices, a worker a slice; a window goes on while the
 * next one's workers start. Nothing is tried again: a worker may have sent load before it failed.
 */
import { unclosed } from '../round-texts.ts'
import type { CloseEvent } from '../wire/detached.ts'

/** Step Functions' own for a Distributed Map. Source: docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed */
const MOST_WORKERS = 10_000
/** A Lambda's longest life, and what calls take around it. */
const WORKER_TIMEOUT_S = 930

type State = { readonly [key: string]: unknown }
export type Definition = { Comment: string; StartAt: string; States: Record<string, State> }

const call = (payload: State): State => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  TimeoutSeconds: WORKER_TIMEOUT_S,
  Parameters: { 'FunctionName.$': '$.function', Payload: payload },
})

/** Answers of a window's workers together may be no larger than a state's output: they are thrown away. */
const worker: State = {
  ...call({ 'place.$': '$.place', 'item.$': '$.item' }),
  ResultSelector: {},
  End: true,
}

const window: Definition['States'] = {
  Wait: { Type: 'Wait', TimestampPath: '$.window.at', Next: 'Workers' },
  Workers: {
    Type: 'Map',
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON' },
      Parameters: { 'Bucket.$': '$.window.bucket', 'Key.$': '$.window.key' },
    },
    ItemSelector: { 'item.$': '$$.Map.Item.Value', 'place.$': '$.place', 'function.$': '$.function' },
    MaxConcurrency: MOST_WORKERS,
    ToleratedFailurePercentagePath: '$.tolerated',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Worker',
      States: { Worker: worker },
    },
    ResultPath: null,
    End: true,
  },
}

/** `topic`: its ARN, who is told there of runs of that stage. */
export type Alert = { stage: string; topic: string }

export const definitionFor = (alert: Alert | null): Definition => ({
  Comment: 'slsart: a run that nobody conducts, window by window',
  StartAt: 'Windows',
  States: {
    Windows: {
      Type: 'Map',
      ItemsPath: '$.windows',
      ItemSelector: {
        'window.$': '$$.Map.Item.Value',
        'place.$': '$.place',
        'function.$': '$.function',
        'tolerated.$': '$.tolerated',
      },
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Wait', States: window },
      ResultPath: null,
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'GiveUp' }],
      Next: 'Close',
    },
    Close: closing('over', alert),
    GiveUp: closing('failed', alert),
    ...(alert === null ? {} : telling(alert)),
  },
})

function closing(how: CloseEvent['close'], alert: Alert | null): State {
  const task = call({ 'place.$': '$.place', close: how })
  if (alert === null) return { ...task, End: true }
  return {
    ...task,
    ResultPath: '$.closed',
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'TellUnclosed' }],
    Next: 'Tell',
  }
}

/** Nothing else has the permission: the script's code runs with the worker's. */
const telling = ({ stage, topic }: Alert): Definition['States'] => ({
  Tell: {
    ...publish({
      TopicArn: topic,
      'Subject.$': '$.closed.Payload.told.subject',
      'Message.$': '$.closed.Payload.told.message',
    }),
    End: true,
  },
  TellUnclosed: {
    ...publish({
      TopicArn: topic,
      Subject: unclosed.subject(stage),
      'Message.$': `States.Format('${unclosed.message(stage)}', $$.Execution.Name, $$.Execution.Name, $.place.region)`,
    }),
    Next: 'Unclosed',
  },
  Unclosed: { Type: 'Fail', Error: 'Unclosed' },
})

const publish = (parameters: State): State => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::sns:publish',
  Parameters: parameters,
})
