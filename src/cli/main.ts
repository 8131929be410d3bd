/** Arguments to a command, and every error to its exit code: the only place that catches all. */
import yargs, { type Options } from 'yargs'
import { type ExitCode, SlsartError, UsageError } from '../errors.ts'
import { near, SUGGESTION } from '../scenario/near.ts'
import { realWorld, type World } from '../world.ts'
import { type Command, commands, flags, typedAs, usage, words } from './flags.ts'
import { version } from './version.ts'

/** Flags as yargs gives them: absent ones are undefined. */
export type Args = Record<string, unknown>

/** Each command's code is loaded when it is the one asked for. */
const run: Record<Command, (args: Args, world: World) => Promise<number>> = {
  plan: async (args, world) => (await import('./commands/plan.ts')).plan(args, world),
  smoke: async (args, world) => (await import('./commands/invoke.ts')).invoke({ ...args, acceptance: true }, world),
  monitor: async (args, world) => (await import('./commands/invoke.ts')).invoke({ ...args, monitoring: true }, world),
  report: async (args, world) => (await import('./commands/report.ts')).report(args, world),
  compare: async (args, world) => (await import('./commands/compare.ts')).compare(args, world),
  replay: async (args, world) => (await import('./commands/replay.ts')).replay(args, world),
  logs: async (args, world) => (await import('./commands/logs.ts')).logs(args, world),
  kill: async (args, world) => (await import('./commands/kill.ts')).kill(args, world),
  steer: async (args, world) => (await import('./commands/steer.ts')).steer(args, world),
  ps: async (args, world) => (await import('./commands/ps.ts')).ps(args, world),
  attach: async (args, world) => (await import('./commands/attach.ts')).attach(args, world),
  doctor: async (args, world) => (await import('./commands/doctor.ts')).doctor(args, world),
  history: async (args, world) => (await import('./commands/history.ts')).history(args, world),
  invoke: async (args, world) => (await import('./commands/invoke.ts')).invoke(args, world),
  deploy: async (args, world) => (await import('./commands/deploy.ts')).deploy(args, world),
  remove: async (args, world) => (await import('./commands/remove.ts')).remove(args, world),
  ls: async (args, world) => (await import('./commands/ls.ts')).ls(args, world),
  configure: async (args, world) => (await import('./commands/configure.ts')).configure(args, world),
}

async function main(world: World): Promise<void> {
  try {
    world.exit(await command(world))
  } catch (error) {
    world.exit(report(error, world))
  }
}

async function command(world: World): Promise<number> {
  const [first = ''] = world.argv
  const names = Object.entries(commands).flatMap(([name, spec]) => [name, ...('alias' in spec ? [spec.alias] : [])])
  if (/^\w/.test(first) && !names.includes(first))
    throw words.unknown(first, near(first, names, SUGGESTION) ?? '--help')
  let code = 0
  const parser = yargs()
    .scriptName('slsart')
    // As all else that it says; what it says of an unknown flag is read below.
    .locale('en')
    .usage(usage(Object.values(commands).flatMap(({ examples }) => examples)))
    .version(version)
    .strict()
    .demandCommand(1, words.noCommand)
    .exitProcess(false)
    .fail((message, error) => {
      // Its own are of what was typed.
      throw error === undefined || error.name === 'YError' ? usageError(message, first) : error
    })
  for (const [name, spec] of Object.entries(commands)) {
    const { describe, flags: wanted, examples } = spec
    const positional = 'arguments' in spec ? spec.arguments : []
    const typed = typedAs(name, positional)
    parser.command(
      'alias' in spec ? [typed, spec.alias] : typed,
      describe,
      (builder) =>
        positional
          .reduce((all, [one, about]) => all.positional(one, { type: 'string', describe: about }), builder)
          .usage(usage(examples))
          .options(Object.fromEntries(wanted.map((flag): [string, Options] => [flag, flags[flag]]))),
      async (args) => {
        code = await run[name as Command](args, world)
      },
    )
  }
  await parser.parseAsync([...world.argv])
  return code
}

/** yargs names the unknown flag and stops there, and counts arguments. */
function usageError(message: string, name: string): UsageError {
  if (message.startsWith('Not enough non-option arguments')) return words.missing(name)
  const unknown = /^Unknown arguments?: ([\w-]+)/.exec(message)?.[1]
  if (unknown === undefined) return new UsageError(message)
  return words.unknown(`--${unknown}`, `--${near(unknown, Object.keys(flags), SUGGESTION) ?? 'help'}`)
}

function report(error: unknown, { stderr }: World): ExitCode {
  if (error instanceof SlsartError) {
    stderr.write(`slsart: ${error.toText()}\n`)
    return error.exit
  }
  const cause = error instanceof Error ? error : new Error(String(error))
  stderr.write(`slsart: ${cause.stack ?? cause.message}\n${words.bug}\n`)
  return 1
}

await main(realWorld())
