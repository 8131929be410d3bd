const plus = (request, headers) => {
  request.headers = { ...request.headers, ...headers }
}
const draws = (context, ...range) => {
  const drawn = Array.from({ length: 300 }, () => context.funcs.$randomNumber(...range))
  return `${Math.min(...drawn)}..${Math.max(...drawn)},${drawn.every(Number.isInteger) ? 'whole' : 'broken'}`
}

module.exports = {
  tag(request, context, _events, done) {
    plus(request, { 'x-vu': context.vars.$uuid })
    done()
  },
  showRequest(request, context, _events, done) {
    const { method, url, name, timeout, ifTrue } = request
    plus(request, { 'x-request': JSON.stringify({ method, url, name, timeout, ifTrue }) })
    plus(request, { 'x-scenario': String(context.scenario && context.scenario.name) })
    done()
  },
  showResponse(request, response, context, _events, done) {
    const { statusCode, headers, body, timings } = response
    const seen = { url: request.url, statusCode, type: headers['content-type'], body, timed: typeof timings.phases.firstByte }
    context.vars.shown = encodeURIComponent(JSON.stringify(seen))
    done()
  },
  showContext(context, _events, done) {
    context.vars.shown = encodeURIComponent(Object.keys(context.vars).sort().join())
    context.vars.functions = Object.keys(context.funcs).sort().join()
    context.vars.keys = Object.keys(context).filter((key) => key !== '_random').sort().join()
    done()
  },
  change(request, _context, _events, done) {
    request.url = request.url.replace('/old', '/new')
    request.json = { from: 'hook', word: '{{ word }}' }
    done()
  },
  async changeAsync(request) {
    request.body = 'from an async hook'
    plus(request, { 'content-type': 'text/plain' })
  },
  useUri(request, _context, _events, done) {
    request.uri = '/echo/by-uri'
    done()
  },
  draw(context, _events, done) {
    Object.assign(context.vars, {
      two: draws(context, 5, 9),
      same: draws(context, 4, 4),
      text: context.funcs.$randomString(8).length,
      defaultText: context.funcs.$randomString().length,
    })
    done()
  },
  drawOdd(context, _events, done) {
    Object.assign(context.vars, { none: draws(context), one: draws(context, 3), down: draws(context, 9, 5) })
    done()
  },
  fail(_context, _events, done) {
    done(new Error('function failed'))
  },
  async failAsync() {
    throw new Error('async function failed')
  },
  throwing() {
    throw new Error('function threw')
  },
  failWithCode(_context, _events, done) {
    done(Object.assign(new Error('with a code'), { code: 'EOWN' }))
  },
  failAfter(_request, _response, _context, _events, done) {
    done(new Error('after failed'))
  },
  async failAfterAsync() {
    throw new Error('async after failed')
  },
  failBefore() {
    throw new Error('before threw')
  },
  told(error, request, context, events, done) {
    events.emit('counter', `own.told.${error.code || error.message}.${request.method}`, 1)
    done()
  },
  many(context, events, done) {
    for (let i = 0; i < 200; i++) events.emit('counter', `own.many.${i}`, 1)
    done()
  },
  measure(_context, events, done) {
    events.emit('counter', 'own.zero', 0)
    events.emit('counter', 'own.five', 5)
    events.emit('counter', 'own.down', -1)
    events.emit('counter', 'own. with spaces, "quotes" & ünïcode', 1)
    events.emit('histogram', 'own.histogram', 12)
    events.emit('summary', 'own.summary', 7)
    events.emit('customStat', { stat: 'own.stat', value: 3 })
    events.emit('rate', 'own.rate')
    events.emit('error', 'own error: "odd", ünïcode')
    done()
  },
  start(context, _events, done) {
    context.vars.n = 0
    done()
  },
  next(context, _events, done) {
    context.vars.n++
    done()
  },
  notYet(context, done) {
    done(context.vars.n < 3)
  },
  later(_context, _events, done) {
    setTimeout(done, 30)
  },
  isSmall(vars) {
    return vars.n < 5
  },
  prepare(context, _events, done) {
    context.vars.who = 'ada'
    done()
  },
  begin(context, _events, done) {
    context.vars.begun = 'yes'
    done()
  },
  finish(_context, events, done) {
    events.emit('counter', 'own.finished', 1)
    done()
  },
  mark(request, context, _events, done) {
    request.headers = { ...request.headers, 'x-begun': context.vars.begun }
    done()
  },
  count(_request, _response, _context, events, done) {
    events.emit('counter', 'own.answers', 1)
    done()
  },
  sign(request, _context, _events, done) {
    request.headers = { ...request.headers, 'x-signed': 'yes' }
    done()
  },
  async signAsync(request) {
    request.headers = { ...request.headers, 'x-async': 'yes' }
  },
  look(_request, response, context, _events, done) {
    context.vars.seen = response.statusCode
    done()
  },
  refuse(_request, _context, _events, done) {
    done(new Error('refused'))
  },
  onError(error, _request, _context, events, done) {
    events.emit('counter', `own.${error.message}`, 1)
    done()
  },
  addFunction(context, _events, done) {
    context.funcs.own = () => 'own'
    done()
  },
  openRoom(socket, context, done) {
    socket.target += `/room?vu=${context.vars.$uuid}`
    socket.options = { ...socket.options, headers: { 'x-from': 'function' } }
    done()
  },
  certify(request, _context, _events, done) {
    const { readFileSync } = require('node:fs')
    request.https = { ...request.https, key: readFileSync(`${process.env.TLS}/client.key`), certificate: readFileSync(`${process.env.TLS}/client.crt`) }
    done()
  },
}
