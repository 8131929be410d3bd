/** The whole stand-in: moto_server, and before it the Lambda double and the router, at one endpoint. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodeStore } from './code.ts'
import { Lambda } from './lambda.ts'
import { startMoto } from './moto.ts'
import { MotoApi } from './moto-api.ts'
import { answerer, listen } from './router.ts'

export type Aws = {
  /** The endpoint of all services. */
  url: string
  /** For the SDK's clients and the command line: where the endpoint is, the region, keys. No profile of the user's. */
  env: Record<string, string>
  lambda: Lambda
  /** An account with nothing in it; environments end. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function startAws({ region = 'us-east-1', port = 0 } = {}): Promise<Aws> {
  const moto = await startMoto()
  const api = new MotoApi(moto.url)
  const code = new CodeStore()
  const lambda = new Lambda(api, code)
  const parts = { moto: moto.url, api, lambda, code, url: '' }
  const { url, server } = await listen(answerer(parts), port)
  parts.url = url
  lambda.variables = { AWS_ENDPOINT_URL_S3: url }
  const nobody = mkdtempSync(join(tmpdir(), 'slsart-profile-'))
  return {
    ...{ url, env: environment(url, region, nobody), lambda },
    async reset() {
      await lambda.kill()
      code.clear()
      lambda.forget()
      await moto.reset()
    },
    async close() {
      await lambda.kill()
      server.close()
      server.closeAllConnections()
      await moto.close()
      code.close()
      rmSync(nobody, { recursive: true, force: true })
    },
  }
}

const environment = (url: string, region: string, folder: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: 'AKIAOPERATORSTANDIN0',
  AWS_SECRET_ACCESS_KEY: 'operator-secret-of-the-stand-in',
  AWS_CONFIG_FILE: join(folder, 'config'),
  AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  AWS_EC2_METADATA_DISABLED: 'true',
})
