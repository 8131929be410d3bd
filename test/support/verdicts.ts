/** What becomes of an answer that comes in pieces and then the end of the connection: as our parser has it, and as node's client. */
import { createRequire } from 'node:module'
import type { Piece } from '../../lambda/engines/native/call.ts'
import type { ResponseHead } from '../../lambda/engines/native/head.ts'
import { BROKEN, DONE, HEADERS, MORE, ResponseParser } from '../../lambda/engines/native/http1.ts'
import { bodyOf } from './calls.ts'

export type Verdict = {
  /** `refused` with a code; `unfinished` when the connection ended before it. */
  end: 'ended' | 'refused' | 'unfinished'
  code: string
  reason: string
  status: number
  statusText: string
  rawHeaders: readonly string[]
  body: string
  keepsAlive: boolean
  /** Whether nothing came behind it in the same piece that makes the connection useless. */
  isAlone: boolean
}

export class OurClient {
  private readonly parser: ResponseParser
  /** As all sockets read into the same bytes, here all answers do. */
  private readonly shared = Buffer.alloc(65_536)

  constructor(maxHeader = 16_384) {
    this.parser = new ResponseParser(maxHeader)
  }

  /** The answer's fate; pieces that come after its end are not looked at. */
  receive(pieces: readonly Buffer[], isHead: boolean): Verdict {
    const { parser, shared } = this
    const answer = {
      ...{ isHead, keepsHead: true, keepsBody: true, status: 0, statusText: '', downloaded: 0 },
      ...{ head: null as ResponseHead | null, body: [] as Buffer[], piece: null as Piece | null },
    }
    let end: Verdict['end'] = 'unfinished'
    let isAlone = true
    let body = ''
    parser.begin(answer)
    for (const piece of pieces) {
      piece.copy(shared)
      parser.feed(shared, piece.length)
      let step = parser.next()
      while (step === HEADERS) step = parser.next()
      if (step === DONE) isAlone = parser.next() === MORE
      body = bodyOf(answer).toString('latin1')
      shared.fill(0x58, 0, piece.length)
      if (step !== MORE) {
        end = step === BROKEN ? 'refused' : 'ended'
        break
      }
    }
    if (end === 'unfinished' && parser.finish()) end = 'ended'
    if (body.length !== answer.downloaded) throw new Error(`${body.length} bytes kept, ${answer.downloaded} counted`)
    return {
      ...{ end, code: end === 'refused' ? parser.code : '', reason: end === 'refused' ? parser.reason : '' },
      ...{ status: answer.status, statusText: answer.statusText },
      ...{ rawHeaders: answer.head?.rawHeaders ?? [], body, keepsAlive: end === 'ended' && parser.keepsAlive, isAlone },
    }
  }
}

/** Node's own parser, set up as its client does, without a socket. */
type NodeParser = {
  initialize(type: number, resource: object, maxHeader: number, lenient: number): void
  execute(bytes: Buffer): number | (Error & { code: string; reason: string })
  finish(): void
  [callback: number]: unknown
}
type NodeParsers = Record<string, number> & (new () => NodeParser)
const { HTTPParser } = createRequire(import.meta.url)('_http_common') as { HTTPParser: NodeParsers }
const callback = (name: string): number => HTTPParser[name] as number

/** What node's client does with what its parser tells, but for 101 with an upgrade, which it leaves hanging: there we hang up. */
export class NodeClient {
  private readonly parser = new HTTPParser()
  private readonly maxHeader: number
  private verdict: Verdict = blank()
  private isHead = false
  private headers: string[] = []
  private isAnswered = false
  private isDone = false
  private isUpgrade = false

  constructor(maxHeader = 16_384) {
    this.maxHeader = maxHeader
    this.parser[callback('kOnHeaders')] = (headers: string[]) => void this.headers.push(...headers)
    this.parser[callback('kOnHeadersComplete')] = this.onHead.bind(this)
    this.parser[callback('kOnBody')] = (body: Buffer) => {
      if (!this.isDone) this.verdict.body += body.toString('latin1')
    }
    this.parser[callback('kOnMessageComplete')] = () => {
      if (this.isAnswered) this.isDone = true
      this.headers = []
    }
  }

  receive(pieces: readonly Buffer[], isHead: boolean): Verdict {
    this.verdict = blank()
    this.isHead = isHead
    this.headers = []
    this.isAnswered = false
    this.isDone = false
    this.isUpgrade = false
    this.parser.initialize(callback('RESPONSE'), {}, this.maxHeader, 0)
    for (const piece of pieces) {
      const result = this.parser.execute(piece)
      if (this.isUpgrade) return this.over('refused', 'ECONNRESET', 'socket hang up')
      if (this.isDone) {
        if (typeof result !== 'number') this.verdict.isAlone = false
        return this.over('ended')
      }
      if (typeof result !== 'number') return this.over('refused', result.code, `Parse Error: ${result.reason}`)
    }
    this.parser.finish()
    return this.over(this.isDone ? 'ended' : 'unfinished')
  }

  private over(end: Verdict['end'], code = '', reason = ''): Verdict {
    const { verdict } = this
    return { ...verdict, end, code, reason, keepsAlive: end === 'ended' && verdict.keepsAlive }
  }

  private onHead(
    ...[, , headers, , , status, text, upgrade, keepsAlive]: [
      number,
      number,
      string[] | undefined,
      number,
      string,
      number,
      string,
      boolean,
      boolean,
    ]
  ): number {
    if (this.isAnswered) {
      this.verdict.isAlone = false
      return 0
    }
    const rawHeaders = (headers ?? this.headers).slice(0, 2000)
    this.headers = []
    if (upgrade) {
      this.isUpgrade = true
      return 2
    }
    if (status >= 100 && status < 200 && status !== 101) return 1
    this.isAnswered = true
    this.verdict = { ...this.verdict, status, statusText: text, rawHeaders, keepsAlive }
    return this.isHead || status === 304 ? 1 : 0
  }
}

const blank = (): Verdict => ({
  ...{
    end: 'unfinished',
    code: '',
    reason: '',
    status: 0,
    statusText: '',
    rawHeaders: [],
    body: '',
    keepsAlive: false,
    isAlone: true,
  },
})
