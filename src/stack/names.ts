/** What a stage's things are called. All that `deploy` makes begins with `slsart-`, so policies can name it and `ls` can find it. */
export const PREFIX = 'slsart-'

/** Where a folder says what its deployment is to be. */
export const CONFIG_FILE = 'slsart.config.yml'

/** Longer ones would not fit into the names that CloudFormation makes of it. */
export const STAGE = /^[A-Za-z0-9][A-Za-z0-9-]{0,31}$/

export const STAGE_TAG = 'slsart:stage'

export const stackName = (stage: string): string => `${PREFIX}${stage}`
export const functionName = (stage: string): string => `${PREFIX}${stage}-worker`
export const machineName = (stage: string): string => `${PREFIX}${stage}`
export const logGroupName = (stage: string): string => `/aws/lambda/${functionName(stage)}`

/** Roles are of no region; their path says which one they serve. */
export const rolePath = (region: string): string => `/slsart/${region}/`

export type ResourceKind = 'function' | 'log group' | 'bucket' | 'role'

/** Names that CloudFormation makes are the stack's, the resource's in the template and some random letters; a bucket's are small. */
const named: Record<ResourceKind, RegExp> = {
  function: /^slsart-(.+)-worker$/,
  'log group': /^\/aws\/lambda\/slsart-(.+)-worker$/,
  bucket: /^slsart-(.+)-bucket-[a-z0-9]+$/,
  role: /^slsart-(.+)-(?:Worker|Machine|Schedule)Role-[A-Za-z0-9]+$/,
}

/** The stage that a thing of this name was made for, a bucket's in small letters; null when it is none of ours. */
export const stageOf = (kind: ResourceKind, name: string): string | null => named[kind].exec(name)?.[1] ?? null
