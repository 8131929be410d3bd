#!/usr/bin/env node
// Plain old syntax: this file must run on any Node, if only to say that it is too old.
var need = [22, 18]
var have = process.versions.node.split('.').map(Number)
if (have[0] < need[0] || (have[0] === need[0] && have[1] < need[1])) {
  process.stderr.write('slsart: needs Node ' + need.join('.') + ' or newer, this is ' + process.versions.node + '\n')
  process.exit(2)
}
import('../dist/cli.js')
