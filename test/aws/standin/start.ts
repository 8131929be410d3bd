/** The whole stand-in: moto_server, and before it the Lambda double and the router, at one endpoint. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CodeStore } from './code.ts'
import { Lambda } from './lambda.ts'
import { Machines } from './machines.ts'
import { startMoto } from './moto.ts'
import { MotoApi } from './moto-api.ts'
import { answerer, certificate, listen } from './router.ts'
import { operatorKeys } from './signature.ts'
import { Templates } from './templates.ts'

export type Aws = {
  /** The endpoint of all services. */
  url: string
  /** For the SDK's clients and the command line: where the endpoint is, the region, keys. No profile of the user's. */
  env: Record<string, string>
  /** The same over TLS; its variables have the certificate trusted. */
  tls: { url: string; env: Record<string, string> }
  lambda: Lambda
  /** An account with nothing in it; environments end. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function startAws({ region = 'us-east-1', port = 0 } = {}): Promise<Aws> {
  // It must be known to moto before there is one: nobody asks until then.
  let answer: RequestListener = (_request, response) => void response.writeHead(503).end()
  const plain = await listen((request, response) => answer(request, response), { port })
  const secure = await listen((request, response) => answer(request, response), { secure: true })
  const { url } = plain
  const moto = await startMoto(url)
  const api = new MotoApi(moto.url)
  const code = new CodeStore()
  const templates = new Templates()
  const machines = new Machines()
  const lambda = new Lambda(api, code, templates)
  answer = answerer({ moto: moto.url, api, lambda, code, templates, machines, url })
  lambda.variables = { AWS_ENDPOINT_URL_S3: url }
  const nobody = mkdtempSync(join(tmpdir(), 'slsart-profile-'))
  return {
    ...{ url, env: environment(url, region, nobody), lambda },
    tls: {
      url: secure.url,
      env: { ...environment(secure.url, region, nobody), NODE_EXTRA_CA_CERTS: certificate },
    },
    async reset() {
      await lambda.kill()
      code.clear()
      templates.clear()
      machines.clear()
      lambda.forget()
      await moto.reset()
    },
    async close() {
      await lambda.kill()
      plain.close()
      secure.close()
      await moto.close()
      code.close()
      rmSync(nobody, { recursive: true, force: true })
    },
  }
}

const environment = (url: string, region: string, folder: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: region,
  ...operatorKeys,
  AWS_CONFIG_FILE: join(folder, 'config'),
  AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  AWS_EC2_METADATA_DISABLED: 'true',
})
