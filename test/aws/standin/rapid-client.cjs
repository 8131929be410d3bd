/**
 * The four calls of the runtime client's native part over node:http, loaded before it. One socket, so that what was
 * said last has arrived before the next invocation is asked for.
 */
const { Agent, request } = require('node:http')
const Module = require('node:module')

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let place = {}

function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const asked = request({ ...place, agent, method, path: `/2018-06-01/runtime/invocation/${path}`, headers })
    asked.on('error', reject)
    asked.on('response', (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve({ bodyJson: Buffer.concat(chunks).toString(), headers: response.headers }))
    })
    asked.end(body)
  })
}

const post = (path, body, headers) => void call('POST', path, body, headers).catch(() => process.exit(1))

const client = {
  initializeClient() {},
  next: () => call('GET', 'next'),
  done: (id, body) => post(`${id}/response`, body),
  error: (id, body) => post(`${id}/error`, body),
}

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':')
place = { host, port }

const load = Module._load
Module._load = function (name, ...more) {
  return name === './rapid-client.node' ? client : load.call(this, name, ...more)
}
