/** `config.ensure`, or `config.plugins.ensure`, to thresholds: the plugin's new and old forms. */
import * as z from 'zod'
import { scriptErrors } from '../errors.ts'
import { type EnsureThreshold, problemOf } from '../measure/ensure.ts'
import type { Path, Positions } from './positions.ts'

const limit = z.union([z.number(), z.string().regex(/^\s*\d/)])
const LEGACY = ['min', 'max', 'median', 'p95', 'p99'] as const

export const ensureSchema = z.strictObject({
  thresholds: z.array(z.record(z.string(), limit)).optional(),
  conditions: z.array(z.strictObject({ expression: z.string(), strict: z.boolean().optional() })).optional(),
  maxErrorRate: limit.optional(),
  ...(Object.fromEntries(LEGACY.map((key) => [key, limit.optional()])) as Record<
    (typeof LEGACY)[number],
    z.ZodOptional<typeof limit>
  >),
})

export function readEnsure(ensure: z.infer<typeof ensureSchema>, path: Path, positions: Positions): EnsureThreshold[] {
  const { thresholds = [], conditions = [], maxErrorRate } = ensure
  const strict = (said: string, expression = said): EnsureThreshold => ({
    kind: 'ensure',
    said,
    expression,
    strict: true,
  })
  const read = [
    ...thresholds.flatMap((entry) => Object.entries(entry).map(([name, most]) => strict(`${name} < ${most}`))),
    ...conditions.map((condition) => ({ ...strict(condition.expression), strict: condition.strict ?? true })),
    ...LEGACY.flatMap((key) => {
      const most = ensure[key]
      return most === undefined ? [] : [strict(`http.response_time.${key} < ${Number.parseInt(String(most), 10)}`)]
    }),
    ...(maxErrorRate === undefined
      ? []
      : [
          strict(
            `maxErrorRate <= ${maxErrorRate}`,
            `((vusers.created - vusers.completed) / vusers.created * 100) <= ${Number(maxErrorRate)}`,
          ),
        ]),
  ]
  for (const { said, expression } of read) {
    const problem = problemOf(expression)
    if (problem !== null) {
      throw scriptErrors.wrong(positions.of(path), positions.name(path), `"${said}" cannot be judged: ${problem}`)
    }
  }
  return read
}
