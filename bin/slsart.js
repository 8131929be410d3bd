#!/usr/bin/env node
// Plain old syntax: this file must run on any Node, if only to say that it is too old.
var need = [22, 18]
var have = process.versions.node.split('.').map(Number)
if (have[0] < need[0] || (have[0] === need[0] && have[1] < need[1])) {
  process.stderr.write('slsart: needs Node ' + need.join('.') + ' or newer, this is ' + process.versions.node + '\n')
  process.exit(2)
}
// What was compiled once need not be again: a third of the time until `--help` answers (bench/size).
import('node:module').then(function (module) {
  if (module.enableCompileCache) module.enableCompileCache()
  return import('../dist/cli.js')
})
