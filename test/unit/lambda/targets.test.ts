import { expect, it } from 'vitest'
import { ownOf, Targets } from '../../../lambda/targets.ts'

const nothing = { platform: null, others: [] }
const bucket = { kind: 'bucket', bucket: 'b', prefix: 'runs/r/', region: 'eu-west-1' } as const

it('says why not, with the way out, and tells of each host once', () => {
  const told: string[] = []
  const targets = new Targets(['listed.example'], nothing, (text) => told.push(text))
  expect(targets.refusal('listed.example', '203.0.113.1')).toBeNull()
  expect(targets.refusal('other.example', '203.0.113.2')).toEqual({
    code: 'SLSART_TARGET',
    message: 'connect SLSART_TARGET other.example (203.0.113.2): not an allowed target (--allow other.example)',
  })
  targets.refusal('other.example', '203.0.113.3')
  expect(targets.refusal('169.254.169.254', '169.254.169.254')).toEqual({
    code: 'SLSART_METADATA',
    message:
      "connect SLSART_METADATA 169.254.169.254: a cloud's metadata service or link-local, where no load is ever sent",
  })
  expect(told).toEqual([expect.stringContaining('other.example (203.0.113.2)'), expect.stringContaining('METADATA')])
})

it('keeps the addresses of a host that is allowed, which may from then on be connected to by themselves', () => {
  const targets = new Targets(['listed.example'], nothing, () => {})
  expect(targets.refusal('203.0.113.1', '203.0.113.1')?.code).toBe('SLSART_TARGET')
  expect(targets.keep('listed.example', ['203.0.113.1', '169.254.169.254'])).toEqual(['203.0.113.1'])
  expect(targets.keep('other.example', ['203.0.113.2'])).toEqual([])
  expect(targets.refusal('203.0.113.1', '203.0.113.1')).toBeNull()
  expect(targets.refusal('169.254.169.254', '169.254.169.254')?.code).toBe('SLSART_METADATA')
})

it("reaches the worker's own, at their port alone, and no metadata service through them", () => {
  const env = { AWS_LAMBDA_RUNTIME_API: '169.254.100.1:9001', HTTP_PROXY: 'http://proxy.example:3128' }
  const own = ownOf({ store: bucket, env: { HTTPS_PROXY: 'https://other.example' } }, env)
  expect(own).toEqual({
    platform: '169.254.100.1:9001',
    others: ['b.s3.eu-west-1.amazonaws.com:443', 'proxy.example:3128', 'other.example:443'],
  })
  const targets = new Targets([], own, () => {})
  const codes = (
    [
      ['169.254.100.1', '169.254.100.1', 9001],
      ['169.254.100.1', '169.254.100.1', '9001'],
      ['169.254.100.1', '169.254.100.1', 80],
      ['169.254.100.1', '169.254.100.1'],
      ['b.s3.eu-west-1.amazonaws.com', '203.0.113.1', 443],
      ['b.s3.eu-west-1.amazonaws.com', '203.0.113.1', 80],
      ['b.s3.eu-west-1.amazonaws.com', '169.254.169.254', 443],
      ['proxy.example', '203.0.113.2', 3128],
      ['proxy.example', '203.0.113.2', 80],
    ] as const
  ).map((asked) => targets.refusal(asked[0], asked[1], asked[2])?.code ?? null)
  const [metadata, unlisted] = ['SLSART_METADATA', 'SLSART_TARGET']
  expect(codes).toEqual([null, null, metadata, metadata, null, unlisted, metadata, null, unlisted])
})

it('has nothing of its own on this machine, or with its own endpoint', () => {
  const folder = { kind: 'folder', folder: '/x' } as const
  expect(ownOf({ store: folder, env: {} }, {})).toEqual(nothing)
  const own = ownOf(
    { store: bucket, env: { AWS_ENDPOINT_URL_S3: 'http://bad.example' } },
    { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9000' },
  )
  expect(own.others).toEqual(['127.0.0.1:9000'])
})
