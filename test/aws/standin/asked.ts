/** A request as the router hands it to whoever answers it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CodeStore } from './code.ts'
import type { Lambda } from './lambda.ts'
import type { Machines } from './machines.ts'
import type { MotoApi } from './moto-api.ts'
import type { Templates } from './templates.ts'

/** `url` is the endpoint's own, once it listens. */
export type Parts = {
  moto: string
  api: MotoApi
  lambda: Lambda
  code: CodeStore
  templates: Templates
  machines: Machines
  url: string
}

export type Asked = {
  request: IncomingMessage
  response: ServerResponse
  body: Buffer
  region: string
  /** Which function, and which version of it when one is named. */
  name: string
  qualifier: string | null
}
