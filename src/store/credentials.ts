export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

/** Asked before each request: whoever gives them renews them. */
export type CredentialsOf = () => Promise<Credentials>

/** Those that Lambda puts into a function's environment, as they are now: what the user's code makes of it later changes nothing. */
export function credentialsIn(env: Record<string, string | undefined>): CredentialsOf {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env
  return async () => {
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set')
    }
    const keys = { accessKeyId, secretAccessKey }
    return AWS_SESSION_TOKEN === undefined ? keys : { ...keys, sessionToken: AWS_SESSION_TOKEN }
  }
}
