/**
 * The dashboard on a terminal: it hears of the run's state and of keys, and draws on the alternate screen, at most ten times a second and
 * only when something may have changed. However it ends, the terminal is given back; nothing that goes wrong in here ends the run.
 */
import { type Instance, render } from 'ink'
import { isPaused, type Steering, scaleOf } from '../plan/epochs.ts'
import type { RunState } from '../run/state.ts'
import type { Millis } from '../units.ts'
import type { Terminal, World } from '../world.ts'
import type { About, Input, Shown } from './input.ts'
import { notices } from './keys.ts'
import { textOf } from './line.ts'
import { type Marks, marksFor } from './marks.ts'
import { Keyboard } from './panels/keyboard.tsx'
import { Painter } from './panels/painter.ts'
import { still } from './still.ts'
import { firstUi, type Order, type Play, pressed, type Situation, type Ui } from './ui.ts'
import { rowsShown, view } from './view.ts'

/** A record that is played instead of a run: how fast, and whether it stands still. */
export type Player = { readonly speed: number; readonly held: boolean; play(act: Play): void }

/** What can be done from here; without `steer` or a `player` their keys are not there. `joined`: another process leads the run. */
export type Controls = {
  stop(): void
  steer?: (act: Steering) => void
  detach?: () => void
  player?: Player
  joined?: true
}

export type Setting = {
  about: About
  terminal: Terminal
  clock: World['clock']
  env: World['env']
  ascii: boolean
  controls: Controls
  /** Keeps a text in the run's folder under a name, and gives its path. */
  keep(name: string, text: string): Promise<string>
  /** Called once when the dashboard ends by itself: what went wrong, or null when the person left it. */
  left(problem: string | null): void
}

const LEAST_APART: Millis = 100

export class Dashboard {
  private readonly setting: Setting
  private readonly marks: Marks
  private readonly painter: Painter
  private latest: RunState
  private behind: Millis = 0
  private frozen: Shown | null = null
  private ui: Ui = firstUi
  /** The state tells of a stop only with the next observation. */
  private stopped = false
  private snapshots = 0
  private drawnAt: Millis = Number.NEGATIVE_INFINITY
  private waiting = false
  private open = true
  private app: Instance | null = null

  constructor(state: RunState, setting: Setting) {
    const { input: stdin, output: stdout } = setting.terminal
    this.latest = state
    this.setting = setting
    this.marks = marksFor(setting.env, setting.ascii)
    this.painter = new Painter(stdout, stdout.getColorDepth(setting.env))
    this.safely(() => {
      const options = { stdin, stdout, exitOnCtrlC: false, patchConsole: false, interactive: true }
      this.app = render(<Keyboard press={this.press} />, { ...options, alternateScreen: true })
      // An error inside ink ends it: it has given the terminal back by then.
      this.app.waitUntilExit().catch((error) => this.fail(error))
      // After ink's own.
      stdout.on('resize', this.resized)
      this.draw()
    })
  }

  /** `behind`: how long ago it was so. */
  observe(state: RunState, behind: Millis = 0): void {
    this.latest = state
    this.behind = behind
    if (this.frozen === null) this.soon()
  }

  /** Says something in the last line, until a key is pressed. */
  tell(notice: string): void {
    this.ui = { ...this.ui, notice }
    this.soon()
  }

  /** Gives the terminal back; it may be called again. */
  close(): void {
    if (!this.open) return
    this.open = false
    this.setting.terminal.output.off('resize', this.resized)
    this.app?.unmount()
  }

  private input(): Input {
    const { about, terminal, controls } = this.setting
    const { columns, rows } = terminal.output
    return {
      ...{ about, state: this.frozen ?? this.latest, ui: this.ui, marks: this.marks },
      mode: controls.player ? 'replay' : controls.joined ? 'joined' : controls.steer ? 'steered' : 'run',
      behind: this.behind / 1000,
      playing: controls.player ?? null,
      stopping: this.stopped || (controls.player === undefined && this.latest.endedAt !== null),
      size: { columns: columns || 80, rows: rows || 24 },
    }
  }

  private draw(): void {
    this.safely(() => {
      this.drawnAt = this.setting.clock.steady() / 1000
      this.painter.paint(view(this.input()))
    })
  }

  private readonly soon = (): void => {
    const { clock } = this.setting
    const wait = this.drawnAt + LEAST_APART - clock.steady() / 1000
    if (wait <= 0) return this.draw()
    if (this.waiting) return
    this.waiting = true
    void clock.sleep(wait).then(() => {
      this.waiting = false
      this.draw()
    })
  }

  /** ink has its own say then, at once or a moment later: it may take away a line. */
  private readonly resized = (): void => {
    this.painter.forget()
    this.soon()
    void this.setting.clock.sleep(LEAST_APART).then(() => {
      this.painter.forget()
      this.soon()
    })
  }

  private readonly press = (name: string): void =>
    this.safely(() => {
      const input = this.input()
      const { ui, order } = pressed(this.ui, name, situationOf(input))
      if (ui.frozen !== this.ui.frozen) this.frozen = ui.frozen ? still(this.latest) : null
      this.ui = ui
      if (order !== null) this.carryOut(order)
      this.soon()
    })

  private carryOut(order: Order): void {
    const { controls, left } = this.setting
    switch (order.kind) {
      case 'stop':
        this.stopped = true
        return controls.stop()
      case 'steer':
        return controls.steer?.(order.act)
      case 'detach':
        this.tell(notices.leaving)
        return controls.detach?.()
      case 'play':
        return controls.player?.play(order.act)
      case 'leave':
        this.close()
        return left(null)
      case 'snapshot':
        void this.snapshot()
    }
  }

  private async snapshot(): Promise<void> {
    const name = `snapshot-${++this.snapshots}.txt`
    const text = view(this.input()).map((line) => textOf(line).trimEnd())
    const notice = await this.setting
      .keep(name, `${text.join('\n')}\n`)
      .then(notices.written, (error: Error) => notices.unwritten(error.message))
    this.tell(notice)
  }

  private fail(error: unknown): void {
    if (!this.open) return
    this.close()
    this.setting.left(error instanceof Error ? error.message : String(error))
  }

  /** Nothing that is thrown in here may reach the run. */
  private safely(act: () => void): void {
    try {
      if (this.open) act()
    } catch (error) {
      this.fail(error)
    }
  }
}

/** What a press hangs on beside what is shown. */
function situationOf(input: Input): Situation {
  const { mode, stopping, state } = input
  const { epochs } = state
  return { mode, stopping, rows: rowsShown(input), paused: isPaused(epochs), scale: scaleOf(epochs) }
}
