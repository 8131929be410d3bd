/** `slsart replay`: the dashboard over a recorded run. */
import { basename } from 'node:path'
import type { Player } from '../../dashboard/open.tsx'
import type { Play } from '../../dashboard/ui.ts'
import { type ExitCode, usageErrors } from '../../errors.ts'
import { openReplay, type Replay } from '../../run/replay.ts'
import { folderStore } from '../../store/folder.ts'
import type { Millis } from '../../units.ts'
import type { World } from '../../world.ts'
import { wholeFlag } from '../config.ts'
import type { Args } from '../main.ts'
import { folderOf } from '../runs.ts'
import { drawing } from '../watching.ts'

const SPEEDS = [1, 2, 5, 10, 20, 30, 60]
const FRAME: Millis = 100

export async function replay(args: Args, world: World): Promise<ExitCode> {
  const speed = wholeFlag(args, world, 'speed', 1) ?? 1
  if (speed > 60) throw usageErrors.number('--speed', String(speed), 'from 1 to 60')
  const folder = await folderOf(args, world)
  const recorded = await openReplay(folder)
  const { terminal } = world
  if (terminal === null) throw usageErrors.noTerminal()
  const { Dashboard } = await drawing(world)
  const { head } = recorded
  const player = new Playing(recorded, speed)
  const { file, target, warmUp } = head.script
  return new Promise((resolve) => {
    const store = folderStore(folder)
    const dashboard = new Dashboard(player.state(), {
      about: { script: basename(file), target, run: head.id, fleet: head.fleet, warmUp, baseline: null },
      ...{ terminal, clock: world.clock, env: world.env, ascii: args.ascii === true },
      controls: { stop() {}, player },
      async keep(name, text) {
        await store.put(name, new TextEncoder().encode(text))
        return `${folder}/${name}`
      },
      left(problem) {
        end()
        if (problem !== null) world.stderr.write(`slsart: ${problem}\n`)
        resolve(problem === null ? 0 : 1)
      },
    })
    const end = world.clock.every(FRAME, () => {
      if (player.tick(FRAME)) dashboard.observe(player.state())
    })
  })
}

/** Where a replay is, and how it goes on. */
class Playing implements Player {
  speed: number
  held = false
  private moment: Millis = 0
  private moved = true
  private readonly recorded: Replay

  constructor(recorded: Replay, speed: number) {
    this.recorded = recorded
    this.speed = speed
  }

  state(): ReturnType<Replay['at']> {
    return this.recorded.at(this.moment)
  }

  play(act: Play): void {
    if (act.kind === 'hold') this.held = !this.held
    if (act.kind === 'faster') this.speed = SPEEDS.find((speed) => speed > this.speed) ?? this.speed
    if (act.kind === 'slower') this.speed = SPEEDS.findLast((speed) => speed < this.speed) ?? this.speed
    if (act.kind === 'seek') this.go(act.by * 1000)
    this.moved = true
  }

  /** After a while has passed; whether there is something new to see. */
  tick(passed: Millis): boolean {
    const before = this.moment
    if (!this.held) this.go(passed * this.speed)
    const moved = this.moved || this.moment !== before
    this.moved = false
    return moved
  }

  private go(by: Millis): void {
    this.moment = Math.min(this.recorded.length, Math.max(0, this.moment + by))
  }
}
