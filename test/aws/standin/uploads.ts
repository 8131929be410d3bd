/** Uploads of code on their way to moto: noted for the environments. */
import { codeSha256 } from './code.ts'
import { bodyOf, refuse } from './http.ts'
import { forwardWhole, sendWhole, type Whole } from './proxy.ts'
import type { Asked, Parts } from './router.ts'

/** Of a request with a zip in it, in base64. */
const LIMIT = 70_167_211

type Zip = { ZipFile?: string; S3Bucket?: string; S3Key?: string }
type Body = Zip & { FunctionName?: string; Code?: Zip; DryRun?: boolean }

/** CreateFunction and UpdateFunctionCode. */
export async function noteUpload(
  { request, response, name, region }: Asked,
  { moto, api, code }: Parts,
): Promise<void> {
  const bytes = await bodyOf(request)
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
  sendWhole(response, answer)
}

export async function notePublication(
  { request, response, name, region }: Asked,
  { moto, code }: Parts,
): Promise<void> {
  const answer = await forwardWhole(moto, request, await bodyOf(request))
  if (answer.status < 300) publish(answer, { region, name }, code)
  sendWhole(response, answer)
}

function publish({ body }: Whole, { region, name }: { region: string; name: string }, code: Parts['code']): void {
  const { Version: version } = JSON.parse(body.toString()) as { Version: string }
  if (code.get(region, name, version) === null) code.publish(region, name, version)
}

/** GetFunction: its code can be fetched from where the answer says. */
export async function describeWithCode(asked: Asked, { moto, code, url }: Parts): Promise<void> {
  const { request, response, region, name } = asked
  const answer = await forwardWhole(moto, request, await bodyOf(request))
  if (answer.status !== 200) return sendWhole(response, answer)
  const told = JSON.parse(answer.body.toString()) as { Configuration: { Version: string }; Code?: object }
  const version = told.Configuration.Version
  if (code.get(region, name, version) !== null) {
    told.Code = {
      RepositoryType: 'S3',
      Location: `${url}/_standin/code/${region}/${name}/${encodeURIComponent(version)}.zip`,
    }
  }
  sendWhole(response, { ...answer, body: Buffer.from(JSON.stringify(told)) })
}

type Template = { Resources?: Record<string, { Type: string; Properties?: Record<string, unknown> }> }

/**
 * CloudFormation: a function whose template has its code inline gets it, unless it has code already. Templates are
 * taken as JSON, and a function's name as it stands there.
 *
 * Where moto updates a function of a stack it also sets its code anew, which CloudFormation does only when the code in
 * the template is another; so uploaded code is put back.
 */
export async function noteInline({ request, response, region }: Asked, { moto, api, code }: Parts): Promise<void> {
  const bytes = await bodyOf(request)
  const form = new URLSearchParams(bytes.toString())
  const inline = inlineCode(form.get('TemplateBody'))
  const answer = await forwardWhole(moto, request, bytes)
  if (answer.status < 300) {
    for (const [name, source] of inline)
      if (code.get(region, name, '$LATEST') === null) code.putInline(region, name, source)
  }
  if (/^(ExecuteChangeSet|UpdateStack)$/.test(form.get('Action') ?? '')) {
    for (const { FunctionName: name, CodeSha256 } of await api.functions(region)) {
      const zip = code.get(region, name, '$LATEST')
      if (zip !== null && codeSha256(zip) !== CodeSha256) await api.putCode(region, name, zip)
    }
  }
  sendWhole(response, answer)
}

function inlineCode(template: string | null): Map<string, string> {
  const found = new Map<string, string>()
  if (template === null || !template.trimStart().startsWith('{')) return found
  for (const { Type, Properties } of Object.values((JSON.parse(template) as Template).Resources ?? {})) {
    const { FunctionName, Code } = (Properties ?? {}) as { FunctionName?: unknown; Code?: { ZipFile?: unknown } }
    if (Type !== 'AWS::Lambda::Function' || typeof FunctionName !== 'string') continue
    if (typeof Code?.ZipFile === 'string') found.set(FunctionName, Code.ZipFile)
  }
  return found
}
