/** Every flag once: its name, short form, type and words. Commands pick theirs by name. */
import type { Options } from 'yargs'
import { UsageError } from '../errors.ts'

export const flags = {
  path: {
    alias: 'p',
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'the script: YAML, JSON, JavaScript or TypeScript (repeatable, merged in turn)',
  },
  data: { alias: 'd', type: 'string', requiresArg: true, describe: 'the script as YAML or JSON text' },
  stdin: { type: 'boolean', describe: 'the script from standard input' },
  config: { alias: 'c', type: 'string', requiresArg: true, describe: "a file whose `config` goes over the script's" },
  target: { alias: 't', type: 'string', requiresArg: true, describe: "the script's target, instead of its own" },
  environment: { alias: 'e', type: 'string', requiresArg: true, describe: "which of the script's environments" },
  variables: { alias: 'v', type: 'string', requiresArg: true, describe: 'variables as JSON, over `config.variables`' },
  overrides: { type: 'string', requiresArg: true, describe: 'JSON over the script; lists are replaced' },
  dotenv: {
    alias: 'env-file',
    type: 'string',
    requiresArg: true,
    describe: 'a file of NAME=value lines for templates and workers; what is set already stays',
  },
  'scenario-name': { type: 'string', requiresArg: true, describe: 'run this scenario only: a name or an expression' },
  insecure: { alias: 'k', type: 'boolean', describe: "accept the target's certificate unchecked" },
  'strict-compat': { type: 'boolean', describe: "keep Artillery's ways where they are mended, but for arrivals" },
  'allow-outside': { type: 'boolean', describe: 'let the script name files outside its project' },
  allow: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'a host that load may go to, or *.host; this machine and private addresses need none (repeatable)',
  },
  acceptance: { alias: 'a', type: 'boolean', describe: 'try each scenario once instead: its assertions decide' },
  monitoring: {
    alias: 'm',
    type: 'boolean',
    describe: 'sample each scenario a few times instead: an error budget decides',
  },
  local: { type: 'boolean', describe: 'run the workers as processes on this machine' },
  workers: { type: 'string', requiresArg: true, describe: 'how many workers share the load' },
  'worker-lifetime': {
    type: 'string',
    requiresArg: true,
    describe: 'how long one worker lives (900s on Lambda, the whole run locally)',
  },
  engine: {
    choices: ['auto', 'artillery', 'native'],
    describe: "which engine runs the scenarios (auto: native where that is proven to do as Artillery's does)",
  },
  seed: { type: 'string', requiresArg: true, describe: 'what every random choice hangs on; printed and recorded' },
  output: {
    alias: 'o',
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'write the report to FILE: .json, .xml (JUnit), .html, .md, .csv (a row a second) or .hlog (repeatable)',
  },
  baseline: {
    type: 'string',
    requiresArg: true,
    describe: 'an earlier run to compare with, in the report and in thresholds with `baseline`',
  },
  effect: { type: 'string', requiresArg: true, describe: 'by how many percent a latency must move to matter (5)' },
  speed: { type: 'string', requiresArg: true, describe: 'how many times as fast, 1 to 60 (1)' },
  progress: {
    choices: ['auto', 'tui', 'plain', 'json', 'none'],
    describe: 'what to show while it runs (auto: the dashboard on a terminal, else a line a second)',
  },
  ascii: { type: 'boolean', describe: 'draw the dashboard with ASCII signs only' },
  quiet: { alias: 'q', type: 'boolean', describe: 'no progress, only the result' },
  'artillery-exit-codes': { type: 'boolean', describe: 'exit as Artillery does: 1 for ensure, 21 for expect' },
  'raw-samples': { type: 'boolean', describe: "debugging: keep every request's microseconds in the run's folder" },
  region: {
    type: 'string',
    requiresArg: true,
    describe:
      'the AWS region (that of the AWS settings; without any, plans are for us-east-1); plan and invoke take several, by weight: --region eu-west-1=2 --region us-east-1',
  },
  redeal: { type: 'boolean', describe: 'deal the share of a region that cannot start to the others' },
  worker: { type: 'string', requiresArg: true, describe: 'of this worker only: its number, or before or after' },
  arch: { choices: ['arm64', 'x86_64'], describe: 'the processor of the workers (arm64)' },
  memory: { type: 'string', requiresArg: true, describe: 'the memory of a worker in MB (1769, one vCPU)' },
  json: { type: 'boolean', describe: 'print it as JSON' },
  stage: { alias: 's', type: 'string', requiresArg: true, describe: 'which of several deployments (dev)' },
  'role-arn': {
    type: 'string',
    requiresArg: true,
    describe: 'a role of yours for the workers, instead of one made for them',
  },
  'permissions-boundary': { type: 'string', requiresArg: true, describe: "the policy that bounds the workers' role" },
  'vpc-subnets': {
    type: 'string',
    requiresArg: true,
    describe: 'the subnets that the workers are in (subnet-…,subnet-…)',
  },
  'vpc-security-groups': { type: 'string', requiresArg: true, describe: "the workers' security groups (sg-…,sg-…)" },
  layers: {
    type: 'string',
    requiresArg: true,
    describe: 'ARNs of layers whose packages the workers get (arn:…,arn:…)',
  },
  'reserved-concurrency': {
    type: 'string',
    requiresArg: true,
    describe: "how many workers there may be at once; taken off the account's limit",
  },
  'log-retention': { type: 'string', requiresArg: true, describe: "how many days the workers' logs are kept (30)" },
  tags: { type: 'string', requiresArg: true, describe: 'tags on everything that is made (name=value,…)' },
  monitor: {
    type: 'string',
    requiresArg: true,
    describe: 'a script of which the stage runs a monitoring round now and then',
  },
  every: { type: 'string', requiresArg: true, describe: 'how often it does: 5m, 1h (5m)' },
  alert: {
    type: 'string',
    requiresArg: true,
    describe: 'who is told when its error budget is spent, and how detached runs end: a mail address, or an https URL',
  },
  'check-account': {
    type: 'boolean',
    describe: 'hold the plan against what the account says of itself; needs credentials',
  },
  detach: { type: 'boolean', describe: 'leave the run to the stage’s state machine, and go' },
  ephemeral: { type: 'boolean', describe: "leave nothing of the run in the stage's bucket" },
  now: { type: 'boolean', describe: 'end the workers at once: what is in flight is given up' },
  scale: { type: 'string', requiresArg: true, describe: "so many times the script's arrival rates (1.5; 1 again)" },
  pause: { type: 'boolean', describe: 'let the load stand still: nobody starts' },
  resume: { type: 'boolean', describe: 'let a load that stands still go on' },
  'end-phase': { type: 'boolean', describe: 'end the phase that is on: the next one begins' },
  yes: { alias: 'y', type: 'boolean', describe: 'do not ask' },
  'max-cost': {
    type: 'string',
    requiresArg: true,
    describe: 'the most that the run may cost, in US dollars: the load is ended before it would cost more',
  },
} as const satisfies Record<string, Options>

export type Flag = keyof typeof flags

/** What says which run is meant: the same for its plan and for itself. */
const which = [
  'path',
  'data',
  'stdin',
  'config',
  'target',
  'environment',
  'variables',
  'overrides',
  'dotenv',
  'scenario-name',
  'insecure',
  'strict-compat',
  'allow-outside',
  'allow',
  'local',
  'workers',
  'worker-lifetime',
  'seed',
  'engine',
] as const

/** Scenarios that are tried out are tried out in one worker, on the engine that tells of each step. */
const trying = which.filter((flag) => flag !== 'workers' && flag !== 'engine')

/** What a deployment may be: the settings of slsart.config.yml. */
const deployment = [
  'stage',
  'region',
  'memory',
  'arch',
  'role-arn',
  'permissions-boundary',
  'vpc-subnets',
  'vpc-security-groups',
  'layers',
  'reserved-concurrency',
  'log-retention',
  'tags',
  'monitor',
  'every',
  'alert',
] as const

/** Which deployed stage a run goes to, and how. */
const remote = ['stage', 'region', 'ephemeral', 'yes', 'max-cost'] as const

export const commands = {
  plan: {
    describe: 'read and check a script; print what would arrive, who launches it and what it costs; no request is sent',
    flags: [...which, 'region', 'arch', 'memory', 'check-account', 'max-cost', 'json'],
    examples: ['slsart plan -p scenario.yml', 'slsart plan -p scenario.yml --workers 8 --json'],
  },
  invoke: {
    describe: 'run a script: plan, launch, watch, judge, report',
    flags: [
      ...which,
      'acceptance',
      'monitoring',
      'output',
      'baseline',
      'progress',
      'ascii',
      'quiet',
      'artillery-exit-codes',
      'raw-samples',
      'detach',
      ...remote,
      'redeal',
    ],
    examples: [
      'slsart invoke -p scenario.yml --stage load --region eu-west-1',
      'slsart invoke -p scenario.yml --local',
      'slsart invoke -p scenario.yml --local --workers 4 --seed 7 -o report.json',
      'slsart invoke -p scenario.yml --stage load --max-cost 5',
      'slsart invoke -p scenario.yml --stage load --detach --yes',
      'slsart invoke -p scenario.yml --region eu-west-1=2 --region us-east-1 --redeal',
    ],
  },
  smoke: {
    describe: 'try each scenario of a script once, as `invoke --acceptance`: its assertions decide',
    flags: [...trying, 'output', 'progress', 'ascii', 'quiet', ...remote],
    examples: ['slsart smoke -p scenario.yml --local'],
  },
  monitor: {
    describe: 'sample each scenario of a script a few times, as `invoke --monitoring`: an error budget decides',
    flags: [...trying, 'output', 'progress', 'ascii', 'quiet', ...remote],
    examples: ['slsart monitor -p scenario.yml --local', 'slsart monitor -p scenario.yml --stage load -o round.xml'],
  },
  report: {
    describe: 'write a run again from its record: the summary, and what -o asks for',
    arguments: [['run', 'its name or the beginning of it, or its folder; the newest without one']],
    flags: ['output', 'stage', 'region'],
    examples: ['slsart report', 'slsart report 20261120-221530-1a2b3c -o report.json'],
  },
  compare: {
    describe: 'say whether a run is worse than an earlier one, by more than chance and enough to matter',
    arguments: [
      ['baseline', 'the earlier run: its name or the beginning of it, or its folder'],
      ['run', 'the later one; the newest without it'],
    ],
    flags: ['effect', 'json', 'stage', 'region'],
    examples: [
      'slsart compare 20261120-221530-1a2b3c',
      'slsart compare 20261120-221530-1a2b3c 20261121-090000-4d5e6f --effect 10 --json',
    ],
  },
  replay: {
    describe: 'play the dashboard over a recorded run; seek with , . < >',
    arguments: [['run', 'its name or the beginning of it, or its folder; the newest without one']],
    flags: ['speed', 'ascii', 'stage', 'region'],
    examples: [
      'slsart replay',
      'slsart replay 20261120-221530-1a2b3c --speed 10',
      'slsart replay 20261120-221530-1a2b3c --stage load --region eu-west-1',
    ],
  },
  logs: {
    describe: 'print what the workers of a run logged',
    arguments: [['run', 'its name or the beginning of it, or its folder; the newest without one']],
    flags: ['worker', 'stage', 'region'],
    examples: ['slsart logs', 'slsart logs 20261120-221530-1a2b3c --worker 3'],
  },
  kill: {
    alias: 'stop',
    describe: 'end the load of a run within seconds, from any machine, whatever became of its command',
    arguments: [['run', 'its name or the beginning of it, or its folder; the newest that has not ended without one']],
    flags: ['now', 'stage', 'region'],
    examples: ['slsart kill', 'slsart kill 20261120-221530-1a2b3c --now --stage load --region eu-west-1'],
  },
  steer: {
    describe: 'change the load of a run while it is on, from any machine: scale it, pause, resume, end its phase',
    arguments: [['run', 'its name or the beginning of it, or its folder; the newest that has not ended without one']],
    flags: ['scale', 'pause', 'resume', 'end-phase', 'stage', 'region'],
    examples: [
      'slsart steer --scale 1.5',
      'slsart steer 20261120-221530-1a2b3c --pause --stage load --region eu-west-1',
    ],
  },
  ps: {
    describe: 'list the runs that go on now, of this folder and of a stage, the newest first',
    flags: ['stage', 'region', 'json'],
    examples: ['slsart ps', 'slsart ps --stage load --region eu-west-1 --json'],
  },
  attach: {
    describe:
      'join the dashboard of a run that another process leads, or its lines; it says and exits as `invoke` does',
    arguments: [['run', 'its name or the beginning of it, or its folder; the newest that has not ended without one']],
    flags: ['output', 'progress', 'ascii', 'quiet', 'stage', 'region'],
    examples: ['slsart attach', 'slsart attach 20261120-221530-1a2b3c --stage load --region eu-west-1'],
  },
  doctor: {
    describe:
      'check what stands between this machine and a run on AWS: node, credentials, quotas, the stage, leftovers',
    flags: ['stage', 'region', 'json'],
    examples: ['slsart doctor', 'slsart doctor --stage load --region eu-west-1'],
  },
  history: {
    describe: 'list the runs of this folder and the newest of a stage, the newest first',
    flags: ['stage', 'region', 'json'],
    examples: ['slsart history', 'slsart history --stage load --region eu-west-1'],
  },
  deploy: {
    describe: 'make or update the workers on AWS: one CloudFormation stack a stage and region',
    flags: [...deployment, 'allow'],
    examples: [
      'slsart deploy',
      'slsart deploy --stage load --region eu-west-1 --memory 3538',
      'slsart deploy --stage load --monitor scenario.yml --every 5m --alert team@example.com',
    ],
  },
  remove: {
    describe: 'remove a stage from AWS, with all that it left there',
    flags: ['stage', 'region', 'yes'],
    examples: ['slsart remove', 'slsart remove --stage load --region eu-west-1 --yes'],
  },
  ls: {
    describe: 'list what is deployed in a region, and what belongs to no stack',
    flags: ['region', 'json'],
    examples: ['slsart ls --region eu-west-1'],
  },
  configure: {
    describe: 'write slsart.config.yml: the settings of `deploy`, to edit',
    flags: deployment,
    examples: ['slsart configure', 'slsart configure --stage load --memory 3538'],
  },
} as const satisfies Record<
  string,
  {
    /** Another word for it. */
    alias?: string
    describe: string
    arguments?: Arguments
    flags: readonly Flag[]
    examples: readonly string[]
  }
>

export type Command = keyof typeof commands

type Arguments = readonly (readonly [name: string, describe: string])[]

/** All but the last argument must be given. */
export const typedAs = (name: string, positional: Arguments): string =>
  [name, ...positional.map(([one], i) => (i < positional.length - 1 ? `<${one}>` : `[${one}]`))].join(' ')

/** Help starts with what to type. */
export const usage = (examples: readonly string[]): string =>
  ['Examples:', ...examples.map((line) => `  ${line}`)].join('\n')

export const words = {
  // Not by Intl, which takes 14 ms to load.
  noCommand: `Say what to do: ${Object.keys(commands)
    .join(', ')
    .replace(/ (\w+)$/, ' or $1')}.`,
  bug: 'This is a fault of slsart, not of your script. Please report it with the lines above and the command you gave.',
  configHead:
    'How `slsart deploy` sets up the workers on AWS. Flags and SLSART_* variables go before what stands here.',
  configured: (file: string): string => `${file} is written. Edit it, then: slsart deploy\n`,
  missing: (name: string): UsageError => {
    const spec = Object.entries(commands).find(([known]) => known === name)?.[1]
    const positional = spec !== undefined && 'arguments' in spec ? spec.arguments : []
    return new UsageError(`${name} needs ${positional[0]?.[0]}, ${positional[0]?.[1]}`, {
      hint: `slsart ${typedAs(name, positional)}. \`slsart history\` lists the runs.`,
    })
  },
  unknown: (word: string, near: string): UsageError =>
    new UsageError(`unknown argument "${word}"`, { hint: `Did you mean \`${near}\`?` }),
} as const
