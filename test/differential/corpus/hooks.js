module.exports = {
  tag(request, context, _events, done) { request.headers = { ...request.headers, 'x-vu': context.vars.$uuid }; done() },
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
  measure(_context, events, done) {
    events.emit('counter', 'own.counter', 3)
    events.emit('histogram', 'own.time', 12)
    done()
  },
}
