enum Name {
  Ada = 'typed',
}
export async function prepare(context: { vars: Record<string, unknown> }): Promise<void> {
  context.vars.who = Name.Ada
}

export async function tag(request: { headers?: object }, context: { vars: Record<string, unknown> }): Promise<void> {
  request.headers = { ...request.headers, 'x-vu': context.vars.$uuid }
}
