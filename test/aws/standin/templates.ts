/**
 * CloudFormation on its way to moto: what templates say of functions, where moto does not do with it as AWS does.
 * Templates are taken as JSON, and a function's name as it stands there.
 */
import type { Asked, Parts } from './asked.ts'
import { codeSha256 } from './code.ts'
import { forwardWhole, sendWhole, type Whole } from './proxy.ts'

type Properties = {
  FunctionName?: unknown
  Code?: { ZipFile?: unknown }
  Architectures?: unknown
  Layers?: unknown
  EphemeralStorage?: unknown
}
type Template = { Resources?: Record<string, { Type: string; Properties?: Properties }> }
/** What moto leaves out of a function of a stack. */
type LeftOut = Pick<Properties, 'Architectures' | 'Layers' | 'EphemeralStorage'>

export class Templates {
  private readonly asked = new Map<string, LeftOut>()
  private readonly done = new Map<string, LeftOut>()

  note(region: string, functions: readonly Properties[]): void {
    for (const { FunctionName: name, Architectures, Layers, EphemeralStorage } of functions) {
      const layers = Array.isArray(Layers) ? Layers.map((Arn) => ({ Arn, CodeSize: 1 })) : undefined
      const leftOut = { Architectures, Layers: layers, EphemeralStorage }
      this.asked.set(`${region} ${name}`, JSON.parse(JSON.stringify(leftOut)) as LeftOut)
    }
  }

  /** The change set, or whatever it is, is carried out. */
  carryOut(): void {
    for (const [name, leftOut] of this.asked) this.done.set(name, leftOut)
    this.asked.clear()
  }

  clear(): void {
    this.asked.clear()
    this.done.clear()
  }

  /** Lambda's answer with what is left out of the functions in it. */
  amended(region: string, answer: Whole): Whole {
    if (answer.status >= 300 || answer.body.length === 0) return answer
    const amend = (_: string, value: unknown): unknown => {
      const { FunctionName: name } = (value ?? {}) as Properties
      return typeof name === 'string' ? { ...(value as object), ...this.leftOut(region, name) } : value
    }
    return { ...answer, body: Buffer.from(JSON.stringify(JSON.parse(answer.body.toString(), amend))) }
  }

  leftOut(region: string, name: string): LeftOut {
    return this.done.get(`${region} ${name}`) ?? {}
  }
}

/**
 * A function whose template has its code inline gets it, unless it has code already. Where moto updates a function of a
 * stack it also sets its code anew, which CloudFormation does only when the code in the template is another; so
 * uploaded code is put back.
 */
export async function noteTemplate(
  { request, response, body, region }: Asked,
  { moto, api, code, templates, machines }: Parts,
): Promise<void> {
  const form = new URLSearchParams(body.toString())
  const action = form.get('Action') ?? ''
  const functions = functionsIn(form.get('TemplateBody'))
  const answer = await forwardWhole(moto, request, body)
  if (answer.status < 300 && /^(Create|Update)/.test(action)) {
    templates.note(region, functions)
    machines.note(form.get('TemplateBody'))
    for (const { FunctionName: name, Code } of functions) {
      const isNew = code.get(region, String(name), '$LATEST') === null
      if (isNew && typeof Code?.ZipFile === 'string') code.putInline(region, String(name), Code.ZipFile)
    }
  }
  if (/^(ExecuteChangeSet|CreateStack|UpdateStack|DeleteStack)$/.test(action)) {
    templates.carryOut()
    const there = await api.functions(region)
    code.keep(region, new Set(there.map(({ FunctionName }) => FunctionName)))
    for (const { FunctionName: name, CodeSha256 } of there) {
      const zip = code.get(region, name, '$LATEST')
      if (zip !== null && codeSha256(zip) !== CodeSha256) await api.putCode(region, name, zip)
    }
  }
  sendWhole(response, answer)
}

function functionsIn(template: string | null): Properties[] {
  if (template === null || !template.trimStart().startsWith('{')) return []
  const resources = Object.values((JSON.parse(template) as Template).Resources ?? {})
  return resources.flatMap(({ Type, Properties }) =>
    Type === 'AWS::Lambda::Function' && typeof Properties?.FunctionName === 'string' ? [Properties] : [],
  )
}
