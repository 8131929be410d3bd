/** The stand-in with our stack on it. */
import { expect } from 'vitest'
import { run, workFolder } from '../support/cli.ts'
import { type Aws, startAws } from './standin/start.ts'

/** `bucket`: the stage's. */
export type Deployed = Aws & { bucket: string }

/** `flags`: of `slsart deploy`. */
export async function startDeployed(...flags: string[]): Promise<Deployed> {
  const aws = await startAws()
  const { code, stdout, stderr } = await run(workFolder(), ['deploy', ...flags], aws.env)
  expect(code, stderr).toBe(0)
  return { ...aws, bucket: /bucket +(\S+)/.exec(stdout)?.[1] ?? '' }
}
