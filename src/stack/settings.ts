/**
 * What a deployment is to be. Each setting has one schema, whether it comes from a flag, from SLSART_* or from
 * slsart.config.yml; a flag's text is first made what the file would say.
 */
import { isMap, isScalar, LineCounter, parseDocument, stringify } from 'yaml'
import * as z from 'zod'
import { settingErrors } from '../aws-errors.ts'
import type { Place } from '../errors.ts'
import { monitorErrors } from '../round-texts.ts'
import { near, SUGGESTION } from '../scenario/near.ts'
import type { Seconds } from '../units.ts'
import { STAGE } from './names.ts'

export type Settings = {
  stage: string
  /** Null: whatever AWS's own settings say. */
  region: string | null
  /** MB */
  memory: number
  arch: 'arm64' | 'x86_64'
  roleArn: string | null
  permissionsBoundary: string | null
  vpc: { subnets: string[]; securityGroups: string[] } | null
  layers: string[]
  reservedConcurrency: number | null
  /** Days. */
  logRetention: number
  tags: Record<string, string>
  monitoring: Monitoring | null
  /** Who is told how detached runs end, and of the monitoring: an address for mail, or an https URL; null: nobody is. */
  alert: string | null
}

/** `script`: its path as written. */
export type Monitoring = { script: string; every: Seconds }

/** CloudWatch keeps logs for one of these, in days. */
const RETENTIONS = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545],
  ...[731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
]

const text = (pattern: RegExp) => z.string().regex(pattern)
const list = (pattern: RegExp, most: number) => z.array(text(pattern)).max(most)
const tagText = z.union([z.string(), z.number(), z.boolean()]).transform(String).pipe(z.string().max(256))

const DAY: Seconds = 86_400
const UNITS: Record<string, Seconds> = { m: 60, h: 3_600, d: DAY }
const secondsOf = (every: string): Seconds => Number(every.slice(0, -1)) * (UNITS[every.slice(-1)] ?? 0)

/** One vCPU: Node is mostly one thread, more buys little. */
const ONE_VCPU_MB = 1_769

/** `allowed`: what an error says. `fallback`: what holds when nobody says anything. */
const specs = {
  stage: { schema: text(STAGE), allowed: 'up to 32 letters, digits and dashes', fallback: 'dev' },
  region: { schema: text(/^[a-z]{2,4}(-[a-z]+)+-\d$/), allowed: 'a region such as eu-west-1', fallback: null },
  memory: { schema: z.int().min(128).max(10_240), allowed: 'from 128 to 10240 (MB)', fallback: ONE_VCPU_MB },
  arch: { schema: z.enum(['arm64', 'x86_64']), allowed: 'arm64 or x86_64', fallback: 'arm64' },
  roleArn: {
    schema: text(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/),
    allowed: 'the ARN of a role, arn:aws:iam::…:role/…',
    fallback: null,
  },
  permissionsBoundary: {
    schema: text(/^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/),
    allowed: 'the ARN of a policy, arn:aws:iam::…:policy/…',
    fallback: null,
  },
  vpcSubnets: { schema: list(/^subnet-[0-9a-f]+$/, 16), allowed: 'up to 16 subnets, subnet-…', fallback: [] },
  vpcSecurityGroups: { schema: list(/^sg-[0-9a-f]+$/, 5), allowed: 'up to 5 security groups, sg-…', fallback: [] },
  layers: {
    schema: list(/^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+$/, 5),
    allowed: 'up to 5 ARNs of layer versions, arn:aws:lambda:…:layer:…:1',
    fallback: [],
  },
  reservedConcurrency: { schema: z.int().min(1), allowed: 'a whole number from 1 up', fallback: null },
  logRetention: {
    schema: z.int().refine((days) => RETENTIONS.includes(days)),
    allowed: `one of CloudWatch's: ${RETENTIONS.join(', ')} (days)`,
    fallback: 30,
  },
  tags: {
    schema: z
      .record(z.string().regex(/^(?!aws:|slsart:).{1,128}$/), tagText)
      .refine((tags) => Object.keys(tags).length <= 40),
    allowed: 'up to 40 tags, name=value, not beginning with aws: or slsart:',
    fallback: {},
  },
  monitor: { schema: z.string().min(1), allowed: 'the path of a script', fallback: null },
  every: {
    schema: text(/^[1-9]\d{0,3}[mhd]$/).refine((every) => secondsOf(every) <= DAY),
    allowed: 'minutes or hours up to a day, such as 5m or 1h',
    fallback: '5m',
  },
  alert: {
    schema: text(/^([^\s@]+@[^\s@]+\.[^\s@]+|https:\/\/\S+)$/),
    allowed: 'a mail address, or an https URL',
    fallback: null,
  },
} as const

export type Setting = keyof typeof specs
export const settingNames = Object.keys(specs) as Setting[]

/** `roleArn` → `role-arn` */
type Kebab<S extends string> = S extends `${infer H}${infer T}`
  ? `${H extends Lowercase<H> ? H : `-${Lowercase<H>}`}${Kebab<T>}`
  : ''

/** The flag of a setting, without its dashes. */
export const flagOf = <S extends Setting>(setting: S): Kebab<S> =>
  setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) as Kebab<S>

/** A value and the words for where it was said; both errors and the file's place hang on that. */
type Said = { value: unknown; from: string; at: Place | null }

export type ConfigFile = { path: string; text: string }

/**
 * What flags and the file come to. `flag` gives a flag's text, or that of its variable in the environment; null for
 * neither. Throws UsageError for what is not allowed, with the place when it stands in the file.
 */
export function settingsFrom(flag: (name: string) => string | null, file: ConfigFile | null): Settings {
  const written = file === null ? {} : readFile(file)
  const given = Object.fromEntries(
    settingNames.map((name) => {
      const text = flag(flagOf(name))
      const said: Said | undefined =
        text === null ? written[name] : { value: fromText(name, text), from: `--${flagOf(name)}`, at: null }
      return [name, said === undefined ? specs[name].fallback : checked(name, said)]
    }),
  ) as Given
  return combined(given)
}

type Given = { [name in Setting]: z.output<(typeof specs)[name]['schema']> | (typeof specs)[name]['fallback'] }

function combined({ vpcSubnets, vpcSecurityGroups, monitor, every, ...rest }: Given): Settings {
  // It has no state machine.
  if (monitor === null && rest.alert !== null && rest.roleArn !== null) throw monitorErrors.alertOnly()
  if ((vpcSubnets.length === 0) !== (vpcSecurityGroups.length === 0)) throw settingErrors.halfVpc()
  if (rest.roleArn !== null && rest.permissionsBoundary !== null) throw settingErrors.boundaryOfTheirs()
  return {
    ...rest,
    layers: [...rest.layers],
    monitoring: monitor === null ? null : { script: monitor, every: secondsOf(every) },
    vpc: vpcSubnets.length === 0 ? null : { subnets: [...vpcSubnets], securityGroups: [...vpcSecurityGroups] },
  }
}

function checked(name: Setting, { value, from, at }: Said): unknown {
  const result = specs[name].schema.safeParse(value)
  if (result.success) return result.data
  const found = typeof value === 'string' ? value : JSON.stringify(value)
  throw settingErrors.wrong(from, found ?? String(value), specs[name].allowed, at)
}

/** A flag's text as the file would say it: lists have commas, tags are name=value. */
function fromText(name: Setting, text: string): unknown {
  const { fallback } = specs[name]
  if (Array.isArray(fallback)) return text.split(',').map((part) => part.trim())
  if (name === 'tags') {
    const pairs = text.split(',').map((pair) => pair.trim().split(/=(.*)/s))
    return pairs.every(([, value]) => value !== undefined)
      ? Object.fromEntries(pairs.map(([key, value]) => [key, value]))
      : text
  }
  return /^\d+$/.test(text) && name !== 'stage' ? Number(text) : text
}

/** A key without a value says nothing, as in the file that `slsart configure` writes. */
function readFile({ path, text }: ConfigFile): Partial<Record<Setting, Said>> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file: path, line, column: col }
  }
  const [problem] = document.errors
  if (problem !== undefined) throw settingErrors.syntax(place(problem.pos[0]), problem.message.split('\n')[0] ?? '')
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return {}
  if (!isMap(document.contents)) throw settingErrors.syntax({ file: path }, 'settings are lines of `name: value`')
  const said: Partial<Record<Setting, Said>> = {}
  const values = document.toJS() as Record<string, unknown>
  for (const { key } of document.contents.items) {
    const name = String(isScalar(key) ? key.value : key)
    const at = place(isScalar(key) ? (key.range?.[0] ?? 0) : 0)
    const known = settingNames.find((setting) => setting === name)
    if (known === undefined) throw settingErrors.unknown(at, name, settingNames, near(name, settingNames, SUGGESTION))
    if (values[known] !== null) said[known] = { value: values[known], from: known, at }
  }
  return said
}

/** For settings whose default is nothing: what one could be. */
const EXAMPLES: Partial<Record<Setting, unknown>> = {
  region: 'eu-west-1',
  roleArn: 'arn:aws:iam::123456789012:role/load-workers',
  permissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
  vpcSubnets: ['subnet-0a1b2c3d', 'subnet-4e5f6a7b'],
  vpcSecurityGroups: ['sg-0a1b2c3d'],
  layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:our-packages:1'],
  reservedConcurrency: 100,
  monitor: 'load/checkout.yml',
  alert: 'team@example.com',
  tags: { team: 'checkout' },
}

/** The file to edit: every setting with its words above it, commented out unless its flag says something. */
export function configText(
  flag: (name: string) => string | null,
  head: string,
  describe: (name: Setting) => string,
): string {
  const parts = settingNames.map((name) => {
    const text = flag(flagOf(name))
    const value = text === null ? (EXAMPLES[name] ?? specs[name].fallback) : fromText(name, text)
    const yaml = stringify({ [name]: value }).trimEnd()
    return `# ${describe(name)}\n${text === null ? yaml.replace(/^/gm, '#') : yaml}\n`
  })
  return `# ${head}\n\n${parts.join('\n')}`
}
