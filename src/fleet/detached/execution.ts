/** The state machine of a stage, told to carry out a run. */
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { detachErrors } from '../../aws-errors.ts'
import type { Execution } from '../../wire/detached.ts'

/** `machine`: its ARN. An execution has the name of its run: one run is never started twice. */
type Asked = { machine: string; run: string; region: string }

/** Throws a PreflightError when it is not started. */
export async function startExecution({ machine, run, region }: Asked, execution: Execution): Promise<void> {
  const client = new SFNClient({ region })
  try {
    await client.send(
      new StartExecutionCommand({ stateMachineArn: machine, name: run, input: JSON.stringify(execution) }),
    )
  } catch (cause) {
    throw detachErrors.start(machine, cause)
  } finally {
    client.destroy()
  }
}
