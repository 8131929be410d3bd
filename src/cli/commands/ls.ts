/** `slsart ls`: what is deployed in a region, and what is left over there. */
import type { ExitCode } from '../../errors.ts'
import { inventoryJson, inventoryText } from '../../report/stack.ts'
import { openClients } from '../../stack/clients.ts'
import { inventory } from '../../stack/inventory.ts'
import { workerZip } from '../../stack/zip.ts'
import type { World } from '../../world.ts'
import type { Args } from '../main.ts'
import { settingsFor } from '../settings.ts'
import { version } from '../version.ts'

export async function ls(args: Args, world: World): Promise<ExitCode> {
  const clients = await openClients(settingsFor(args, world).region, world)
  const found = await inventory(clients, workerZip().sha256)
  world.stdout.write(args.json ? `${JSON.stringify(inventoryJson(found, version), null, 2)}\n` : inventoryText(found))
  return 0
}
