const { readFileSync } = require('node:fs')
const { join, basename } = require('node:path')
const part = require('./part')
const data = require('./data.json')
exports.prepare = (context, _events, done) => {
  const text = readFileSync(join(__dirname, 'part.js'), 'utf8').length
  context.vars.who = [part.who, data.who, text, basename(__filename), typeof artillery, process.cwd() === join(__dirname, '..')].join()
  return done()
}
