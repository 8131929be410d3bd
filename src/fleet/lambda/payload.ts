/** The event that starts a worker as bytes, and which part of it is the largest when it is more than Lambda takes. */
import type { Start } from '../../wire/start.ts'

/** Of a synchronous invocation, request and response alike. Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits */
const MOST_PAYLOAD = 6 * 2 ** 20

export function payloadOf(start: Start): Uint8Array | TooLarge {
  const payload = new TextEncoder().encode(JSON.stringify(start))
  if (payload.length <= MOST_PAYLOAD) return payload
  return { kind: 'too large', bytes: payload.length, limit: MOST_PAYLOAD, part: largestPartOf(start) }
}

type Sized = { name: string; bytes: number }
export type TooLarge = { kind: 'too large'; bytes: number; limit: number; part: Sized }

function largestPartOf({ parts, script, env, vars, profile }: Start): Sized {
  const inline = (name: string, part: { inline: string | null } | null): Sized => ({
    name,
    bytes: part?.inline?.length ?? 0,
  })
  const json = (name: string, value: unknown): Sized => ({ name, bytes: JSON.stringify(value).length })
  return [
    inline('the processor', parts.processor),
    ...parts.extensions.map((part) => inline(`the ${part.kind} ${part.name}`, part)),
    ...parts.rows.map((part, i) => inline(`the rows of ${script.feeds[i]?.path ?? `payload ${i + 1}`}`, part)),
    ...parts.files.map((part) => inline(part.path, part)),
    json("the script's scenarios", script.scenarios),
    json("the script's config", script.config),
    json("the script's variables", script.variables),
    json('the environment variables', env),
    json('the variables that `before` has set', vars),
    json('the phases', profile),
  ].reduce((most, part) => (part.bytes > most.bytes ? part : most))
}
