import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SlsartError } from '../../../src/errors.ts'
import { openClients, orNone } from '../../../src/stack/clients.ts'

let answer = { status: 200, body: '', headers: {} as Record<string, string> }
const server = createServer((_, response) => response.writeHead(answer.status, answer.headers).end(answer.body))

beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
})
afterEach(() => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
})

const clients = () => openClients('eu-west-1', { env: process.env })
const asked = async (): Promise<SlsartError> => {
  const { cloudFormation } = await clients()
  return cloudFormation.send(new DescribeStacksCommand({})).then(
    () => Promise.reject(new Error('it was answered')),
    (error) => error,
  )
}
const refusal = (code: string, message: string): typeof answer => ({
  ...{ status: 400, headers: {} },
  body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
})

describe("AWS's errors are ours, by whose fault they are:", () => {
  test.each([
    [
      'AccessDenied',
      'User: arn:aws:iam::1:user/me is not authorized to perform: cloudformation:DescribeStacks on resource: *',
      3,
      'the credentials may not do cloudformation:DescribeStacks in eu-west-1',
    ],
    ['AccessDeniedException', 'no', 3, 'the credentials may not do CloudFormation:DescribeStacks in eu-west-1'],
    ['ExpiredToken', 'The security token is expired', 3, 'does not accept the credentials'],
    ['InvalidClientTokenId', 'The token is invalid', 3, 'does not accept the credentials'],
    ['ValidationError', 'No.', 4, 'AWS CloudFormation refused DescribeStacks: No.'],
  ])('%s: %s', async (code, message, exit, words) => {
    answer = refusal(code, message)
    const error = await asked()
    expect(error.exit).toBe(exit)
    expect(error.message).toContain(words)
    expect((error.cause as Error).name).toBe(code)
  })

  test('a service that cannot be reached', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9')
    const error = await asked()
    expect(error).toMatchObject({
      exit: 3,
      message: expect.stringContaining('cannot reach AWS CloudFormation in eu-west-1'),
    })
  })

  test('a name that cannot be resolved', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://nowhere.invalid')
    expect(await asked()).toMatchObject({ exit: 3, message: expect.stringContaining('cannot reach AWS') })
  })
})

test('what is not there is none, and every other error stays one', async () => {
  const { lambda } = await clients()
  const question = () => lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'f' }))
  const headers = { 'x-amzn-errortype': 'ResourceNotFoundException' }
  answer = { status: 404, headers, body: '{"Message":"Function not found"}' }
  expect(await orNone(question(), /^ResourceNotFound/)).toBeNull()
  answer = { status: 400, headers: { 'x-amzn-errortype': 'InvalidParameterValueException' }, body: '{"message":"bad"}' }
  await expect(orNone(question(), /^ResourceNotFound/)).rejects.toMatchObject({ exit: 4 })
})

describe('the region', () => {
  const regionOf = async (region: string | null, env: Record<string, string>): Promise<string> =>
    (await openClients(region, { env })).region

  test('is that of the flag, else AWS_REGION, else AWS_DEFAULT_REGION', async () => {
    const env = { AWS_REGION: 'eu-north-1', AWS_DEFAULT_REGION: 'us-west-2' }
    expect(await regionOf('eu-west-1', env)).toBe('eu-west-1')
    expect(await regionOf(null, env)).toBe('eu-north-1')
    expect(await regionOf(null, { AWS_DEFAULT_REGION: 'us-west-2' })).toBe('us-west-2')
  })

  test('is asked for when nobody names one', async () => {
    vi.stubEnv('AWS_REGION', '')
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere')
    await expect(regionOf(null, {})).rejects.toMatchObject({ exit: 3, message: 'no AWS region was given' })
  })
})
