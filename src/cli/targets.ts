/** Where a run may go: what is listed, and what somebody at a terminal has agreed to, once for a project. */
import { join } from 'node:path'
import { aimText } from '../report/advice.ts'
import { resolving, strangersAmong } from '../run/targets.ts'
import { PROXIES } from '../scenario/engine.ts'
import { allowEntry } from '../scenario/hosts.ts'
import type { Script } from '../scenario/script.ts'
import { documentIn } from '../store/documents.ts'
import { folderStore } from '../store/folder.ts'
import { type Stranger, strangersError } from '../target-errors.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { textFlag } from './said.ts'

const AGREED = 'targets.json'
type Agreed = { schema: 'slsart.targets/1'; hosts: string[] }

/** `env`: of the dotenv file. `allow`: what is listed or agreed to; `strangers`: what is neither, nor private. */
export async function aimOf(
  args: Args,
  world: World,
  { script, env }: { script: Script; env: Record<string, string> },
): Promise<{ allow: string[]; strangers: Stranger[] }> {
  const allow = [...new Set([...flagged(args, world), ...script.allow, ...(await agreedIn(world.cwd))])]
  const workers = { ...env, ...world.env }
  const isProxied = PROXIES.some((name) => Boolean(workers[name]))
  const resolve = resolving(world.clock.sleep)
  return { allow, strangers: await strangersAmong(script.hosts, allow, { resolve, isProxied }) }
}

/** The hosts that the workers may go to. Asks for those that are not listed; throws a PreflightError where nobody agrees, or can be asked. */
export async function takeAim(
  args: Args,
  world: World,
  asked: { script: Script; env: Record<string, string> },
): Promise<string[]> {
  const { allow, strangers } = await aimOf(args, world, asked)
  const [first, ...more] = strangers
  if (first === undefined) return allow
  const { terminal } = world
  if (terminal === null || strangers.some(({ why }) => why === 'metadata')) throw strangersError([first, ...more])
  const { confirmed } = await import('./confirm.ts')
  if (!(await confirmed(aimText(strangers), terminal))) throw strangersError([first, ...more])
  const hosts = strangers.map(({ host }) => host)
  await remember(world.cwd, hosts)
  return [...allow, ...hosts]
}

/** Of each `--allow` and of SLSART_ALLOW. They add up: no list takes away what another gives. */
function flagged(args: Args, world: World): string[] {
  const given = Array.isArray(args.allow) ? args.allow.map(String) : []
  const said = [
    ...given.map((text) => ({ text, from: '--allow' })),
    { text: textFlag({}, world, 'allow') ?? '', from: 'SLSART_ALLOW' },
  ]
  return said.flatMap(({ text, from }) =>
    text
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => allowEntry(part, { from, at: null })),
  )
}

const storeOf = (cwd: string): ReturnType<typeof folderStore> => folderStore(join(cwd, '.slsart'))

/** What cannot be read has not been agreed to. */
async function agreedIn(cwd: string): Promise<string[]> {
  try {
    const agreed = await documentIn<Partial<Agreed>>(storeOf(cwd), AGREED)
    if (agreed === null) return []
    const { schema, hosts } = agreed
    const own = schema === 'slsart.targets/1' && Array.isArray(hosts) ? hosts : []
    return own.map((host) => allowEntry(String(host), { from: `.slsart/${AGREED}`, at: null }))
  } catch {
    return []
  }
}

async function remember(cwd: string, hosts: readonly string[]): Promise<void> {
  const all: Agreed = { schema: 'slsart.targets/1', hosts: [...new Set([...(await agreedIn(cwd)), ...hosts])] }
  await storeOf(cwd).put(AGREED, Buffer.from(`${JSON.stringify(all, null, 2)}\n`))
}
