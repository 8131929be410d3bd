/** A worker does nothing twice: without the claim on its (slice, attempt) it does nothing, and says so. */
import { randomUUID } from 'node:crypto'
import { claimKey } from '../src/wire/keys.ts'
import type { AnyStart } from '../src/wire/task.ts'
import type { Host } from './worker.ts'

type Claiming = Pick<Host, 'store' | 'env' | 'self' | 'send'>

export async function takeClaim({ index, attempt }: AnyStart, host: Claiming): Promise<boolean> {
  const isOwn = await host.store.putIfAbsent(claimKey(index, attempt), ownClaim(host))
  const message = `slice ${index}, attempt ${attempt} is claimed already`
  if (!isOwn) host.send({ type: 'fault', code: 'late', message, at: null })
  return isOwn
}

/** Like no other's, and with where the worker and its log are. */
const ownClaim = ({ env, self }: Claiming): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({ token: randomUUID(), log: env.AWS_LAMBDA_LOG_STREAM_NAME ?? null, ...self }),
  )
