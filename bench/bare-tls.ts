/**
 * What a TLS connection with one request costs at least over node:tls: `connect`, a write, the answer, `destroy`, and nothing measured.
 * `node bench/bare-tls.ts https://127.0.0.1:8443/items/1`, 50 at a time for 5 s. It exits with 1 when one fails.
 */
import { connect, createSecureContext } from 'node:tls'
import { CONNECTIONS, SECONDS } from './references.ts'

const { hostname, host, port, pathname } = new URL(process.argv[2] ?? '')
const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`
const secureContext = createSecureContext({})
const over = performance.now() + SECONDS * 1000

function one(): void {
  if (performance.now() > over) return
  const socket = connect({ host: hostname, port: Number(port), secureContext, rejectUnauthorized: false })
  socket.setNoDelay(true)
  socket.on('secureConnect', () => socket.write(request, 'latin1'))
  socket.once('data', () => {
    socket.destroy()
    one()
  })
  socket.on('error', (error) => {
    console.error(error)
    process.exit(1)
  })
}

for (let at = 0; at < CONNECTIONS; at++) one()
