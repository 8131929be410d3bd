/**
 * Moto's interpreter of state machines does not know those that its CloudFormation made: each is shown to it, as its template has it, before it
 * is started.
 */
import type { Asked, Parts } from './asked.ts'
import { forward, passOn } from './proxy.ts'

type Properties = { StateMachineName?: unknown; DefinitionString?: unknown }
type Template = { Resources?: Record<string, { Type: string; Properties?: Properties }> }

/** By name, as the last template said it. */
export class Machines {
  private readonly definitions = new Map<string, string>()

  note(template: string | null): void {
    if (template === null || !template.trimStart().startsWith('{')) return
    for (const { Type, Properties } of Object.values((JSON.parse(template) as Template).Resources ?? {})) {
      const { StateMachineName: name, DefinitionString: definition } = Properties ?? {}
      if (Type === 'AWS::StepFunctions::StateMachine') this.definitions.set(String(name), String(definition))
    }
  }

  definition(name: string): string | null {
    return this.definitions.get(name) ?? null
  }

  clear(): void {
    this.definitions.clear()
  }
}

/** As the template names it. */
const TOPIC = `\${Alerts}`
const ROLE = 'arn:aws:iam::123456789012:role/machine'

/** What is asked of Step Functions. */
export async function ask({ request, response, body, region }: Asked, { moto, api, machines }: Parts): Promise<void> {
  if (request.headers['x-amz-target'] === 'AWSStepFunctions.StartExecution') {
    const { stateMachineArn = '' } = JSON.parse(body.toString()) as { stateMachineArn?: string }
    const name = stateMachineArn.split(':').at(-1) ?? ''
    const definition = machines.definition(name)
    if (definition !== null) {
      const topic = definition.includes(TOPIC) ? await api.topic(region, `${name}-Alerts-`) : ''
      const filled = definition.replaceAll(TOPIC, topic)
      await api.states(region, 'CreateStateMachine', { name, definition: filled, roleArn: ROLE })
    }
  }
  passOn(await forward(moto, request, body), response)
}
