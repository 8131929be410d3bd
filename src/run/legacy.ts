import type { ArtilleryPeriod } from '../measure/artillery.ts'

/** The same in the shape of Artillery 1, as older plugins want it. Source: artillery 2.0.34, SSMS.legacyReport. */
export function legacyReport({ counters, rates, summaries, period }: ArtilleryPeriod): { report(): object } {
  const named = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counters).flatMap(([name, value]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
      ),
    )
  const first = (names: readonly string[], from: Record<string, number>): number =>
    names.map((name) => from[name] ?? 0).find((value) => value > 0) ?? 0
  const report = {
    customStats: {},
    counters: {},
    scenariosAvoided: counters['vusers.skipped'] ?? 0,
    timestamp: new Date(Number(period)),
    scenariosCreated: counters['vusers.created'] ?? 0,
    scenariosCompleted: counters['vusers.completed'] ?? 0,
    requestsCompleted: first(['http.responses', 'socketio.emit', 'websocket.messages_sent'], counters),
    latency: summaries['http.response_time'] ?? summaries['socketio.response_time'] ?? {},
    rps: {
      mean: first(['http.response_rate', 'socketio.emit_rate'], rates),
      count: first(['http.responses', 'socketio.emit'], counters),
    },
    scenarioDuration: summaries['vusers.session_length'] ?? {},
    scenarioCounts: named('vusers.created_by_name.'),
    errors: named('errors.'),
    codes: { ...named('socketio.codes.'), ...named('http.codes.') },
  }
  return { report: () => report }
}
