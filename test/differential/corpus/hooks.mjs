export async function prepare(context) {
  context.vars.who = 'esm'
}

export async function tag(request, context) {
  request.headers = { ...request.headers, 'x-vu': context.vars.$uuid }
}
