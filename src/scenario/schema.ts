/** What a script may say. Shapes only; meaning (durations, files, environments) is read.ts's. */
import * as z from 'zod'
import { limitsSchema, splitKeys } from './limits.ts'
import { priceSchema } from './price.ts'
import { samplingSchema } from './sampling.ts'
import { thresholdsSchema } from './thresholds.ts'

const text = z.string()
const numeric = z.union([z.number(), z.string()])
const flow = z.array(z.unknown())

export const phaseSchema = z.strictObject({
  name: text.optional(),
  duration: numeric.optional(),
  arrivalRate: numeric.optional(),
  rampTo: numeric.optional(),
  arrivalCount: numeric.optional(),
  pause: numeric.optional(),
  maxVusers: numeric.optional(),
  mode: text.optional(),
})

export const payloadSchema = z.strictObject({
  path: text,
  fields: z.array(text).optional(),
  order: z.enum(['sequence', 'random']).optional(),
  skipHeader: z.boolean().optional(),
  delimiter: text.optional(),
  cast: z.boolean().optional(),
  skipEmptyLines: z.boolean().optional(),
  loadAll: z.boolean().optional(),
  name: text.optional(),
  options: z.record(text, z.unknown()).optional(),
})

/** What the AWS account allows, when it is not AWS's default. */
export const accountSchema = z.strictObject({
  concurrency: z.number().int().min(1).optional(),
  startsPer10s: z.number().int().min(1).optional(),
})

export const slsartSchema = z.strictObject({
  workers: z.number().int().min(1).optional(),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  allow: z.array(text).optional(),
  warmup: z.array(text).optional(),
  thresholds: thresholdsSchema.optional(),
  quorum: z.number().min(0).max(1).optional(),
  limits: limitsSchema.optional(),
  monitoring: samplingSchema.optional(),
  account: accountSchema.optional(),
  maxCost: z.number().positive().optional(),
  price: priceSchema.optional(),
})

const configSchema = z.looseObject({
  target: text.optional(),
  phases: z.array(phaseSchema).min(1).optional(),
  payload: z.union([payloadSchema, z.array(payloadSchema)]).optional(),
  variables: z.record(text, z.unknown()).optional(),
  processor: text.optional(),
  environments: z.record(text, z.unknown()).optional(),
  http: z.record(text, z.unknown()).optional(),
  tls: z.record(text, z.unknown()).optional(),
  defaults: z.record(text, z.unknown()).optional(),
  timeout: numeric.optional(),
  plugins: z.record(text, z.unknown()).optional(),
  ensure: z.record(text, z.unknown()).optional(),
  apdex: z.looseObject({ threshold: numeric.optional() }).optional(),
  mode: text.optional(),
  engine: text.optional(),
  engines: z.record(text, z.unknown()).optional(),
  pluginsScope: text.optional(),
  includeFiles: z.array(text).optional(),
  bundling: z.looseObject({ external: z.array(text).optional() }).optional(),
  slsart: slsartSchema.optional(),
})

const scenarioSchema = z.looseObject({
  name: text.optional(),
  weight: z.union([z.number().min(0), z.string()]).optional(),
  engine: text.optional(),
  flow,
})

const hookSchema = z.looseObject({ engine: text.optional(), flow })

export const scriptSchema = z.looseObject({
  config: configSchema,
  before: hookSchema.optional(),
  after: hookSchema.optional(),
  scenarios: z.array(scenarioSchema).min(1),
  _split: z.record(text, z.unknown()).optional(),
  sampling: samplingSchema.optional(),
})

/** Known keys of the loose places: a key near one of these is a slip, anything else is the author's own. */
export const knownKeys = {
  script: ['config', 'scenarios', 'before', 'after', '_split', 'sampling'],
  split: splitKeys,
  config: [...Object.keys(configSchema.shape), ...['ws', 'socketio', 'statsInterval']],
  scenario: [
    ...Object.keys(scenarioSchema.shape),
    ...['beforeScenario', 'afterScenario', 'beforeRequest', 'afterResponse', 'onError'],
  ],
} as const

export const requests = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options']

/** The actions of a flow's steps, by engine. */
export const actions: Readonly<Record<string, readonly string[]>> = {
  http: [...requests, 'think', 'loop', 'parallel', 'function', 'log'],
  ws: ['send', 'wait', 'connect', 'think', 'loop', 'function', 'log'],
  socketio: ['emit', ...requests, 'think', 'loop', 'parallel', 'function', 'log'],
}

/** The plugins that need not be installed; `ensure` is ours to judge, the others run in the workers. */
export const plugins = ['ensure', 'expect', 'metrics-by-endpoint', 'apdex', 'fake-data']
