/** The answer parser against what generated answers were made of, and against node's own client. test/fuzz/http1.ts does the same for hours. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { Duplex } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyAnswer, Dice, pieces, spoilt, verdictOf } from '../support/answers.ts'
import { holds } from '../support/property.ts'
import { NodeClient, OurClient, type Verdict } from '../support/verdicts.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 })
const LIMITS = [16_384, 400, 150]
/** llhttp grows stricter with every version; these are the refusals of one. */
const isTheNode = process.version.startsWith('v24.')

describe('the answer parser', () => {
  it('gives what was sent, several on one connection, wherever they are cut', () => {
    const client = new OurClient()
    holds(
      fc.array(seeds, { minLength: 1, maxLength: 5 }),
      (all) => {
        for (const seed of all) {
          const dice = new Dice(seed)
          const answer = anyAnswer(dice)
          const sent = pieces(dice, Buffer.from(answer.text, 'latin1'))
          expect(client.receive(sent, answer.isHead), answer.text).toEqual(verdictOf(answer))
        }
      },
      { runs: 2000 },
    )
  })

  it('does with the beginning of an answer what node does, wherever it stops', () => {
    const our = new OurClient()
    const node = new NodeClient()
    holds(
      seeds,
      (seed) => {
        const { text, isHead } = anyAnswer(new Dice(seed))
        const bytes = Buffer.from(text.slice(0, 400), 'latin1')
        for (let length = 0; length <= bytes.length; length++) {
          const sent = [bytes.subarray(0, length)]
          expect(our.receive(sent, isHead), text.slice(0, length)).toEqual(node.receive(sent, isHead))
        }
      },
      { runs: 50 },
    )
  })

  it.runIf(isTheNode)('accepts and refuses what node does, with the same code', () => {
    const clients = LIMITS.map((limit) => ({ our: new OurClient(limit), node: new NodeClient(limit) }))
    holds(
      seeds,
      (seed) => {
        const dice = new Dice(seed)
        const { our, node } = dice.pick(clients)
        const answer = anyAnswer(dice)
        const text = spoilt(dice, answer.text)
        const sent = pieces(dice, Buffer.from(text, 'latin1'))
        expect(our.receive(sent, answer.isHead), text).toEqual(node.receive(sent, answer.isHead))
      },
      { runs: 10_000 },
    )
  })

  it.runIf(isTheNode)('is held to what node:http makes of the same bytes', async () => {
    const our = new OurClient()
    const first = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31))
    for (let seed = first; seed < first + 2000; seed++) {
      const dice = new Dice(seed)
      const answer = anyAnswer(dice)
      const text = dice.once(2) ? answer.text : spoilt(dice, answer.text)
      const sent = pieces(dice, Buffer.from(text, 'latin1'))
      const verdict = our.receive(sent, answer.isHead)
      expect(told(verdict), `FC_SEED=${seed} ${JSON.stringify(text)}`).toEqual(
        await overHttp(sent, answer.isHead ? 'HEAD' : 'GET'),
      )
    }
  })
})

type Told = { end: string; code: string; status: number; rawHeaders: readonly string[]; body: string }

/** As far as a user of node:http can see it. */
const told = ({ end, code, status, rawHeaders, body, isAlone }: Verdict): Told => {
  const isCut = end === 'unfinished'
  const cut = code === '' && (isCut || !isAlone) ? 'ECONNRESET' : code
  return { end: end === 'ended' ? 'ended' : 'failed', code: end === 'ended' ? '' : cut, status, rawHeaders, body }
}

/** The fate of one request over a connection that brings these pieces, one a turn, and ends. As got does, an end is believed first. */
function overHttp(sent: readonly Buffer[], method: string): Promise<Told> {
  const wire = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
  return new Promise((resolve) => {
    const fate: Told = { end: '', code: '', status: 0, rawHeaders: [], body: '' }
    const over = (end: string, code: string): void => {
      if (fate.end === '') resolve(Object.assign(fate, { end, code }))
    }
    const sending: ClientRequest = request({ createConnection: () => wire, method }, (answer: IncomingMessage) => {
      fate.status = answer.statusCode ?? 0
      fate.rawHeaders = answer.rawHeaders
      answer.on('data', (chunk: Buffer) => {
        fate.body += chunk.toString('latin1')
      })
      answer.on('end', () => over('ended', ''))
      answer.on('error', () => {})
    })
    sending.on('error', (error: NodeJS.ErrnoException) => setImmediate(() => over('failed', error.code ?? '')))
    sending.on('close', () => setImmediate(() => setImmediate(() => over('failed', 'ECONNRESET'))))
    sending.end()
    setImmediate(() => bring(wire, [...sent]))
  })
}

function bring(wire: Duplex, sent: Buffer[]): void {
  const piece = sent.shift()
  wire.push(piece ?? null)
  if (piece !== undefined) setImmediate(() => bring(wire, sent))
}
