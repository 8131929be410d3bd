/** `slsart configure`: the deployment's settings as a file to edit. What flags say stands in it; the rest is commented out. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { settingErrors } from '../../aws-errors.ts'
import type { ExitCode } from '../../errors.ts'
import { CONFIG_FILE } from '../../stack/names.ts'
import { configText, flagOf, settingNames, settingsFrom } from '../../stack/settings.ts'
import type { World } from '../../world.ts'
import { flags, words } from '../flags.ts'
import type { Args } from '../main.ts'
import { textFlag } from '../said.ts'

export async function configure(args: Args, world: World): Promise<ExitCode> {
  const flag = (name: string): string | null => textFlag(args, world, name)
  settingsFrom(flag, null)
  const about = Object.fromEntries(settingNames.map((name) => [name, flags[flagOf(name)].describe]))
  try {
    writeFileSync(
      join(world.cwd, CONFIG_FILE),
      configText(flag, words.configHead, (name) => about[name] ?? ''),
      { flag: 'wx' },
    )
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw settingErrors.fileThere(CONFIG_FILE)
    throw settingErrors.file(CONFIG_FILE, cause)
  }
  world.stdout.write(words.configured(CONFIG_FILE))
  return 0
}
