import { AwsV4Signer } from 'aws4fetch'
import { describe, expect, it } from 'vitest'
import { signer } from '../../../../src/fleet/lambda/signing.ts'

const keys = { accessKeyId: 'AKID', secretAccessKey: 'secret' }

describe('a signed request', () => {
  it.each([
    ['of long-lived keys', 'slsart-dev-worker', keys],
    ['of a session', 'slsart-dev-worker', { ...keys, sessionToken: 'token/+=' }],
    ['to a function by its ARN', 'arn:aws:lambda:eu-west-1:123456789012:function:f', keys],
  ])('has the signature that another library gives it: %s', async (_, name, credentials) => {
    const host = 'lambda.eu-west-1.amazonaws.com'
    const path = `/2021-11-15/functions/${encodeURIComponent(name)}/response-streaming-invocations`
    const body = new TextEncoder().encode('{"größe":1}')
    const query = { Qualifier: '7' }
    const headers = { 'content-type': 'application/json', 'x-amz-log-type': 'Tail' }
    const signed = await signer(async () => credentials, 'eu-west-1')({ path, query, headers, body }, host)
    const other = new AwsV4Signer({
      ...{ ...credentials, method: 'POST', url: `https://${host}${path}?Qualifier=7`, body, service: 'lambda' },
      ...{ region: 'eu-west-1', datetime: signed['x-amz-date'] as string, allHeaders: true },
      headers: { ...headers, 'x-amz-content-sha256': signed['x-amz-content-sha256'] as string },
    })
    expect(signed.authorization).toBe((await other.sign()).headers.get('authorization'))
  })

  it('asks for the credentials each time, since they expire', async () => {
    let times = 0
    const sign = signer(async () => ({ ...keys, accessKeyId: `AKID${++times}` }), 'eu-west-1')
    const request = { path: '/', query: {}, headers: {}, body: new Uint8Array() }
    expect((await sign(request, 'h')).authorization).toContain('AKID1/')
    expect((await sign(request, 'h')).authorization).toContain('AKID2/')
  })
})
