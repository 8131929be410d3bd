import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PreflightError } from '../../../../src/errors.ts'
import { credentialChain } from '../../../../src/fleet/lambda/credentials.ts'
import { folder } from './api.ts'

describe('the credentials', () => {
  beforeEach(() => {
    const nowhere = join(folder(), 'none')
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_CONFIG_FILE', nowhere)
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', nowhere)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  })
  afterEach(() => vi.unstubAllEnvs())

  it('are those of the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKID')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
    vi.stubEnv('AWS_SESSION_TOKEN', 'token')
    const keys = { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }
    expect(await credentialChain({ env: process.env })()).toMatchObject(keys)
  })

  it('that are nowhere are an error that says where they were looked for', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKID')
    const error = await credentialChain({ env: process.env })().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(PreflightError)
    expect(error).toMatchObject({ exit: 3, message: expect.stringContaining('no AWS credentials were found') })
    expect((error as PreflightError).hint).toMatch(
      /AWS_SECRET_ACCESS_KEY \(one of the two is set\), the profile "default"/,
    )
  })

  it('of a profile that is not there name it', async () => {
    vi.stubEnv('AWS_PROFILE', 'work')
    await expect(credentialChain({ env: process.env })()).rejects.toMatchObject({
      hint: expect.stringContaining('the profile "work" (AWS_PROFILE)'),
    })
  })
})
