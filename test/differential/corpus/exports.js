class Own {
  constructor() {
    this.name = 'own'
  }
}
const own = new Own()
exports.prepare = function (context, _events, done) {
  context.vars.who = own.name
  done()
}
exports.$private = 1
