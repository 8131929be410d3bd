/** An answer in the shape in which hooks know it: node's response, as got leaves it, with its body. */
import { STATUS_CODES } from 'node:http'
import type { Exchange } from './exchange.ts'

/** Moments are milliseconds since 1970, phases their differences; what did not happen is undefined, as in got. */
export function responseOf(exchange: Exchange): Record<string, unknown> {
  const { status, statusText, head, draft } = exchange
  return {
    statusCode: status,
    statusMessage: statusText || STATUS_CODES[status],
    httpVersion: '1.1',
    headers: exchange.headers,
    rawHeaders: head?.rawHeaders ?? [],
    body: exchange.read(),
    url: draft.address.href,
    requestUrl: exchange.asked,
    timings: timingsOf(exchange),
  }
}

function timingsOf({ sent, written, firstByte, ended, dns, tcp, tls, draft }: Exchange): Record<string, unknown> {
  const offset = performance.timeOrigin
  const at = (micros: number): number => Math.round(offset + micros / 1000)
  const part = (micros: number): number => Math.round(Math.max(0, micros) / 1000)
  const secure = draft.address.origin.protocol === 'https:'
  return {
    start: at(sent),
    socket: at(sent),
    lookup: at(sent + Math.max(0, dns)),
    connect: at(sent + Math.max(0, dns) + Math.max(0, tcp)),
    secureConnect: secure ? at(written) : undefined,
    upload: at(written),
    response: at(firstByte),
    end: at(ended),
    phases: {
      wait: 0,
      dns: part(dns),
      tcp: part(tcp),
      tls: tls < 0 ? undefined : part(tls),
      request: 0,
      firstByte: part(firstByte - written),
      download: part(ended - firstByte),
      total: part(ended - sent),
    },
  }
}
