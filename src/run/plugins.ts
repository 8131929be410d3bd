/**
 * The halves of the script's own plugins that live at the conductor: they hear of phases, of each period's merged metrics, and of
 * the whole run at its end, and may hold it back until they have sent that off.
 */
import { EventEmitter } from 'node:events'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { format } from 'node:util'
import { scriptErrors } from '../errors.ts'
import { ARTILLERY, type ArtilleryPeriod, PERIOD_SECONDS, periodOf } from '../measure/artillery.ts'
import { Totals } from '../measure/merge.ts'
import type { Judged } from '../measure/verdict.ts'
import { isPaused } from '../plan/epochs.ts'
import { type Extended, installGlobal } from '../scenario/global.ts'
import { cleanUp, type PluginInstance, pluginIn } from '../scenario/plugin.ts'
import type { Script } from '../scenario/script.ts'
import type { Millis, Seconds } from '../units.ts'
import type { World } from '../world.ts'
import { legacyReport } from './legacy.ts'
import type { RunLog } from './log.ts'
import type { RunState } from './state.ts'
import { unpackedForNow } from './unpack.ts'

/** How long after a period's end its last frames may arrive. */
const GRACE: Seconds = 2
/** How long plugins together may work on the end of a run. */
const PATIENCE: Millis = 15_000

type Opened = { script: Script; log: (...words: unknown[]) => void; global: Extended }

/** Null when the script has no plugins of its own. Throws a ScriptError when one cannot be loaded. */
export async function openPlugins(script: Script, run: string, world: World): Promise<Plugins | null> {
  const modules = script.extensions.filter(({ kind }) => kind === 'plugin')
  if (modules.length === 0) return null
  const log = (...words: unknown[]): void => world.stderr.write(`${format(...words)}\n`)
  const global = installGlobal(run, { log, suggest() {} }, { testInfo: aboutRun(script, run, world) })
  const plugins = new Plugins({ script, log, global })
  for (const { name, path } of modules) {
    try {
      plugins.add((await import(pathToFileURL(path).href)) as Record<string, unknown>)
    } catch (cause) {
      throw scriptErrors.plugin({ file: path }, name, cause)
    }
  }
  return plugins
}

/** As Artillery tells its plugins of a run. */
function aboutRun({ source, target, config, environment }: Script, testRunId: string, { clock }: World): object {
  const tags = [{ name: 'name', value: basename(source.file) }]
  const { phases, plugins } = config
  const testConfig = { target, phases, plugins, environment, scriptPath: source.file }
  const metadata = { testId: testRunId, startedAt: clock.wall(), tags, launchType: 'local', testConfig }
  return { flags: {}, testRunId, tags, metadata: { ...metadata, artilleryVersion: { core: ARTILLERY } } }
}

export class Plugins {
  private readonly opened: Opened
  private readonly events = new EventEmitter()
  /** For plugins that know the reports of Artillery 1. */
  private readonly legacyEvents = new EventEmitter()
  private readonly instances: PluginInstance[] = []
  private readonly periods = new Map<number, Totals>()
  private phase: { index: number; startTime: Millis } | null = null
  private told = 0

  constructor(opened: Opened) {
    this.opened = opened
  }

  /** What plugins do to the script they do to a copy: their hooks run in the workers. */
  add(namespace: Record<string, unknown>): void {
    const { config, scenarios, environment, source } = this.opened.script
    const script = structuredClone({
      config: { ...config, plugins: { ...(config.plugins as object) } },
      scenarios: scenarios.map(({ spec }) => spec),
    })
    const module = pluginIn(namespace)
    const options = { environment, scriptPath: source.file, absoluteScriptPath: source.file }
    this.instances.push(module.make(script, module.legacy ? this.legacyEvents : this.events, options))
  }

  /** The same log, which plugins hear of. */
  listening(log: RunLog): RunLog {
    return {
      ...log,
      frame: (of, packed, now) => {
        log.frame(of, packed, now)
        const { second } = of
        const period = Math.floor(Math.max(0, second) / PERIOD_SECONDS)
        const totals = this.periods.get(period) ?? new Totals()
        this.periods.set(period, totals)
        const bytes = unpackedForNow(packed)
        if (bytes !== null) totals.add(bytes)
      },
    }
  }

  /** Called once a second. */
  observe({ t0, at, profile, plan, stage, epochs }: RunState): void {
    if (t0 === null) return
    // Steering cuts pieces; each knows its phase.
    const piece = profile.pieces.findLast(({ from }) => at >= from)?.phase ?? -1
    const over = stage === 'over' || (at >= profile.duration && !isPaused(epochs))
    const index = over ? plan.profile.pieces.length : piece
    while (this.phase === null ? index >= 0 : this.phase.index < index) this.nextPhase(t0 + at * 1000)
    this.tellPeriods(t0, at - GRACE)
  }

  private nextPhase(now: Millis): void {
    const phases = this.opened.script.config.phases
    const phaseOf = (index: number): object => ({ ...(Array.isArray(phases) ? (phases[index] as object) : {}), index })
    if (this.phase !== null) {
      const { index, startTime } = this.phase
      this.tell('phaseCompleted', { ...phaseOf(index), id: String(index), startTime, endTime: now })
    }
    const index = this.phase === null ? 0 : this.phase.index + 1
    this.phase = { index, startTime: now }
    const written = Array.isArray(phases) ? phases.length : 1
    if (index < written) this.tell('phaseStarted', { ...phaseOf(index), id: String(index), startTime: now })
  }

  private tellPeriods(startedAt: Millis, until: Seconds): void {
    for (; (this.told + 1) * PERIOD_SECONDS <= until; this.told++) this.tellPeriod(startedAt)
  }

  private tellPeriod(startedAt: Millis): void {
    const totals = this.periods.get(this.told)
    this.periods.delete(this.told)
    if (!totals) return
    const second = this.told * PERIOD_SECONDS
    this.report('stats', periodOf(totals, { startedAt, second, seconds: PERIOD_SECONDS }))
  }

  private report(name: string, period: ArtilleryPeriod): void {
    this.emit(this.events, name, period)
    this.emit(this.opened.global.globalEvents, name, period)
    this.emit(this.legacyEvents, name, legacyReport(period))
  }

  private tell(name: string, what: object): void {
    for (const events of [this.events, this.legacyEvents, this.opened.global.globalEvents])
      this.emit(events, name, what)
  }

  /** What a plugin throws is its own. */
  private emit(events: EventEmitter, name: string, what: unknown): void {
    try {
      events.emit(name, what)
    } catch (error) {
      this.opened.log(error)
    }
  }

  /** The end of the run. Resolves with the exit code that a plugin suggests: `exit`, unless one says another. */
  async close(
    state: RunState,
    whole: ArtilleryPeriod,
    { judged, exit }: { judged: readonly Judged[]; exit: number },
  ): Promise<number> {
    const { global, log } = this.opened
    if (state.t0 !== null) {
      this.observe({ ...state, stage: 'over' })
      for (const last = Math.max(-1, ...this.periods.keys()); this.told <= last; this.told++) this.tellPeriod(state.t0)
    }
    global.suggestedExitCode = exit
    this.report('done', whole)
    if (judged.length > 0) {
      const checks = judged.map(({ said, strict, ok }) => ({ original: said, strict, result: ok ? 1 : 0 }))
      this.emit(global.globalEvents, 'checks', checks)
    }
    this.emit(global.globalEvents, 'shutdown:start', { exitCode: exit })
    const given = {
      exitCode: exit,
      report: whole,
      flags: {},
      runnerOpts: {},
      testInfo: { endTime: whole.lastMetricAt },
    }
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE)
    })
    for (const moment of ['beforeExit', 'onShutdown']) {
      const working = global.extensionEvents
        .filter(({ ext }) => ext === moment)
        .map(async ({ method }) => method(given))
        .map((work) => work.catch(log))
      await Promise.race([Promise.all(working), over])
    }
    clearTimeout(timer)
    await cleanUp(this.instances, log)
    return global.suggestedExitCode
  }
}
