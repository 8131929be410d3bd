/** Uploads of code on their way to moto: noted for the environments. */
import type { Asked, Parts } from './asked.ts'
import { refuse } from './http.ts'
import { forwardWhole, sendWhole, type Whole } from './proxy.ts'

/** Of a request with a zip in it, in base64. */
const LIMIT = 70_167_211

type Zip = { ZipFile?: string; S3Bucket?: string; S3Key?: string }
type Body = Zip & { FunctionName?: string; Code?: Zip; DryRun?: boolean }

/** CreateFunction and UpdateFunctionCode. */
export async function noteUpload(
  { request, response, body: bytes, name, region }: Asked,
  { moto, api, code, templates }: Parts,
): Promise<void> {
  if (bytes.length > LIMIT) {
    const Message = `Request must be smaller than ${LIMIT} bytes for the UpdateFunctionCode operation`
    return refuse(response, 413, 'RequestEntityTooLargeException', { Message })
  }
  const answer = await forwardWhole(moto, request, bytes)
  const body = JSON.parse(bytes.toString()) as Body
  const { ZipFile, S3Bucket, S3Key } = body.Code ?? body
  const to = body.FunctionName ?? name
  if (answer.status < 300 && body.DryRun !== true) {
    if (ZipFile !== undefined) code.put(region, to, Buffer.from(ZipFile, 'base64'))
    else if (S3Bucket !== undefined && S3Key !== undefined)
      code.put(region, to, await api.object(region, S3Bucket, S3Key))
    publish(answer, { region, name: to }, code)
  }
  sendWhole(response, templates.amended(region, answer))
}

export async function notePublication(
  { request, response, body, name, region }: Asked,
  { moto, code, templates }: Parts,
): Promise<void> {
  const answer = await forwardWhole(moto, request, body)
  if (answer.status < 300) publish(answer, { region, name }, code)
  sendWhole(response, templates.amended(region, answer))
}

/** A function or one of its versions is deleted. */
export async function noteRemoval(
  { request, response, body, region }: Asked,
  { moto, api, code }: Parts,
): Promise<void> {
  const answer = await forwardWhole(moto, request, body)
  code.keep(region, new Set((await api.functions(region)).map(({ FunctionName }) => FunctionName)))
  sendWhole(response, answer)
}

/** What else is asked about functions. */
export async function describe({ request, response, body, region }: Asked, { moto, templates }: Parts): Promise<void> {
  sendWhole(response, templates.amended(region, await forwardWhole(moto, request, body)))
}

function publish({ body }: Whole, { region, name }: { region: string; name: string }, code: Parts['code']): void {
  const { Version: version } = JSON.parse(body.toString()) as { Version: string }
  if (code.get(region, name, version) === null) code.publish(region, name, version)
}

/** GetFunction: its code can be fetched from where the answer says. */
export async function describeWithCode(asked: Asked, { moto, code, templates, url }: Parts): Promise<void> {
  const { request, response, body, region, name } = asked
  const answer = await forwardWhole(moto, request, body)
  if (answer.status !== 200) return sendWhole(response, answer)
  const told = JSON.parse(answer.body.toString()) as { Configuration: { Version: string }; Code?: object }
  const version = told.Configuration.Version
  if (code.get(region, name, version) !== null) {
    told.Code = {
      RepositoryType: 'S3',
      Location: `${url}/_standin/code/${region}/${name}/${encodeURIComponent(version)}.zip`,
    }
  }
  sendWhole(response, templates.amended(region, { ...answer, body: Buffer.from(JSON.stringify(told)) }))
}

/** PublishLayerVersion: environments of functions that name it have its files. */
export async function noteLayer({ request, response, body }: Asked, { moto, code }: Parts): Promise<void> {
  const answer = await forwardWhole(moto, request, body)
  if (answer.status < 300) {
    const { LayerVersionArn } = JSON.parse(answer.body.toString()) as { LayerVersionArn: string }
    const { Content } = JSON.parse(body.toString()) as { Content: Zip }
    code.putLayer(LayerVersionArn, Buffer.from(Content.ZipFile ?? '', 'base64'))
  }
  sendWhole(response, answer)
}
