/** What the tests of a file have around them: a target that counts, and the stand-in with our stack on it. */
import { afterAll, beforeAll } from 'vitest'
import { startDeployed } from '../../aws/deployed.ts'
import type { Aws } from '../../aws/standin/start.ts'
import type { Fleet } from './runs.ts'
import { type CountingTarget, startCountingTarget } from './target.ts'

export type World = { target: CountingTarget; aws: Aws; lambda: Fleet }

/** It is there while tests run, not before. `after`: what is said when they are over. */
export function startWorld(after: () => void = () => {}): World {
  const world = { lambda: { name: 'lambda', env: {} } } as unknown as World
  beforeAll(async () => {
    world.target = await startCountingTarget()
    world.aws = await startDeployed()
    Object.assign(world.lambda.env, world.aws.env)
  })
  afterAll(async () => {
    after()
    await world.target.close()
    await world.aws.close()
  })
  return world
}
