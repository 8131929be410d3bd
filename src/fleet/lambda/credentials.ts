/** Where the operator's credentials come from: the SDK's default chain, which keeps them until shortly before they expire. */
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import { credentialErrors } from '../../aws-errors.ts'
import type { CredentialsOf } from '../../store/credentials.ts'
import type { World } from '../../world.ts'

/** Throws a PreflightError that says what was tried. */
export function credentialChain({ env }: Pick<World, 'env'>): CredentialsOf {
  const chain = defaultProvider()
  return async () => {
    try {
      return await chain()
    } catch (cause) {
      throw credentialErrors.none(
        {
          profile: env.AWS_PROFILE ?? null,
          keys: env.AWS_ACCESS_KEY_ID !== undefined,
          secret: env.AWS_SECRET_ACCESS_KEY !== undefined,
        },
        cause,
      )
    }
  }
}
