/** A CloudFormation of one stack that goes through the steps it is given, one each time it is asked for its state, over HTTP. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to a resource, or under the stack's own name to the stack. */
export type Step = [resource: string, status: string, reason?: string]
/** `execute`: of the change set, when there is one; `deletes`: of each call of DeleteStack in turn. */
export type Plan = { status?: string; now?: Step[]; changeSet?: string; execute?: Step[]; deletes?: Step[][] }

export type Scripted = {
  url: string
  /** Of the stack; null when there is none. */
  status(): string | null
  /** Every call, in order, without those that only ask. */
  calls: string[]
  close(): void
}

const STACK = 'slsart-dev'
const ID = `arn:aws:cloudformation:eu-west-1:123456789012:stack/${STACK}/1`

/** `other` answers what is not CloudFormation's. */
export async function scripted(
  plan: Plan,
  other: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.writeHead(500).end(),
): Promise<Scripted> {
  const stack = new Stack(plan)
  const calls: string[] = []
  const server = createServer(async (request, response) => {
    if (!(request.headers.authorization ?? '').includes('/cloudformation/')) return other(request, response)
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const asked = new URLSearchParams(body)
    const action = asked.get('Action') ?? ''
    if (!action.startsWith('Describe')) calls.push(action)
    const answer = stack.answer(action, asked)
    if (answer === null) {
      const error = `<Code>ValidationError</Code><Message>Stack with id ${asked.get('StackName')} does not exist</Message>`
      response.writeHead(400).end(`<ErrorResponse><Error><Type>Sender</Type>${error}</Error></ErrorResponse>`)
    } else response.end(`<${action}Response><${action}Result>${answer}</${action}Result></${action}Response>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `http://127.0.0.1:${port}`, status: () => stack.shown(), calls },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

class Stack {
  private status: string | null
  private steps: Step[]
  private readonly events: string[] = []
  private readonly plan: Plan

  constructor(plan: Plan) {
    this.plan = plan
    this.status = plan.status ?? null
    this.steps = plan.now ?? []
  }

  shown(): string | null {
    return this.status === 'DELETE_COMPLETE' ? null : this.status
  }

  /** null: there is no such stack. */
  answer(action: string, asked: URLSearchParams): string | null {
    switch (action) {
      case 'DescribeStacks':
        return this.describe(asked.get('StackName') === ID)
      case 'DescribeStackEvents':
        return `<StackEvents>${this.events.toReversed().join('')}</StackEvents>`
      case 'DescribeStackResources':
        return `<StackResources><member><LogicalResourceId>Bucket</LogicalResourceId><PhysicalResourceId>the-bucket</PhysicalResourceId>
          <ResourceType>AWS::S3::Bucket</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member></StackResources>`
      case 'CreateChangeSet':
        this.status ??= 'REVIEW_IN_PROGRESS'
        if (this.status === 'DELETE_COMPLETE') this.status = 'REVIEW_IN_PROGRESS'
        return `<Id>change</Id><StackId>${ID}</StackId>`
      case 'DescribeChangeSet': {
        const reason = this.plan.changeSet
        return reason === undefined
          ? '<Status>CREATE_COMPLETE</Status>'
          : `<Status>FAILED</Status><StatusReason>${reason}</StatusReason>`
      }
      case 'ExecuteChangeSet':
        this.begin(this.plan.execute ?? [])
        return ''
      case 'DeleteStack':
        this.begin(this.plan.deletes?.shift() ?? [[STACK, 'DELETE_COMPLETE']])
        return ''
      default:
        return ''
    }
  }

  private begin(steps: Step[]): void {
    this.steps = [...steps]
    this.take()
  }

  private describe(byId: boolean): string | null {
    this.take()
    if (this.status === null || (this.status === 'DELETE_COMPLETE' && !byId)) return null
    return `<Stacks><member><StackName>${STACK}</StackName><StackId>${ID}</StackId><StackStatus>${this.status}</StackStatus></member></Stacks>`
  }

  private take(): void {
    const step = this.steps.shift()
    if (step === undefined) return
    const [resource, status, reason] = step
    if (resource === STACK) this.status = status
    const why = reason === undefined ? '' : `<ResourceStatusReason>${reason}</ResourceStatusReason>`
    this.events.push(
      `<member><EventId>${this.events.length}</EventId><Timestamp>2026-11-22T10:00:00Z</Timestamp><LogicalResourceId>${resource}</LogicalResourceId><ResourceStatus>${status}</ResourceStatus>${why}</member>`,
    )
  }
}
