/** Scripts of the chaos suite. */
export type Load = { duration: number; rate: number; flow?: object[]; engine?: string; slsart?: object }

/** Requests of an arrival, in which it says which one it is. The k-th takes the k-th row. */
const ARRIVAL = { 'x-arrival': '{{ arrival }}' }

/** Virtual users that would go on for minutes: only a stop keeps them from their next request. */
export const looping: object[] = [{ loop: [{ get: { url: '/loop' } }, { think: 0.4 }], count: 1_000 }]

/** One request each, by which it can be told whether an arrival was launched twice. */
export const once: object[] = [{ get: { url: '/once', headers: ARRIVAL } }]

/** The files of a script on this target. */
export function filesFor(
  target: string,
  { duration, rate, flow = once, engine, slsart = {} }: Load,
): Record<string, string> {
  const rows = Array.from({ length: Math.ceil(duration * rate) + 1 }, (_, k) => String(k))
  // URLs of steps are below the target's path only when they are whole.
  const whole = JSON.parse(JSON.stringify(flow).replaceAll('"url":"/', `"url":"${target}/`)) as object[]
  const script = {
    config: {
      ...{ target, slsart, phases: [{ name: 'steady', duration, arrivalRate: rate }] },
      payload: { path: 'arrivals.csv', fields: ['arrival'], order: 'sequence' },
    },
    scenarios: [{ flow: whole, ...(engine === undefined ? {} : { engine }) }],
  }
  return { 'script.json': JSON.stringify(script), 'arrivals.csv': `${rows.join('\n')}\n` }
}
