/** Servers' behaviours by chance: half of the cases meet one that does nothing odd. */
import type { Dice } from '../../support/answers.ts'
import { type Behaviour, ELSEWHERE, TARGET } from './case.ts'

const ANSWERS = 14

export function behavioursBy(dice: Dice, users: number): Behaviour[][] {
  const odd = dice.once(2)
  return Array.from({ length: users }, () => Array.from({ length: ANSWERS }, () => plainBy(dice, odd)))
}

function plainBy(dice: Dice, odd: boolean): Behaviour {
  const behaviour: Behaviour = {}
  if (dice.once(5)) behaviour.body = dice.pick(['text', 'html', 'empty', 'list', 'text', 'broken'])
  if (dice.once(5)) behaviour.status = dice.pick([200, 201, 204, 400, 401, 404, 500, 503])
  if (dice.once(8)) Object.assign(behaviour, redirectBy(dice))
  if (dice.once(8)) behaviour.framing = 'chunked'
  if (dice.once(10))
    behaviour.headers = [...(behaviour.headers ?? []), ...dice.pick(odd && dice.once(8) ? REFUSED : COOKIES)]
  if (dice.once(12)) behaviour.coding = dice.pick(['gzip', 'deflate', 'br'])
  if (!odd || dice.once(3)) return behaviour
  return { ...behaviour, ...oddBy(dice, behaviour) }
}

const COOKIES = [
  ...[['Set-Cookie: a=1'], ['Set-Cookie: a=1; Path=/items; HttpOnly', 'set-cookie: b=2; Max-Age=60']],
  ...[['Set-Cookie: a=; Max-Age=0'], ['SET-COOKIE: c=x y; Secure']],
  ['Set-Cookie: e="q;1"; Expires=Wed, 21 Oct 2099 07:28:00 GMT'],
]
/** By the jar. */
const REFUSED = [['Set-Cookie: d=1; Domain=elsewhere.example'], ['Set-Cookie: nonsense'], ['Set-Cookie: ']]

const LOCATIONS = [
  '/next',
  '/next?a=ä b',
  'relative',
  '../up',
  `${TARGET}/whole`,
  `${ELSEWHERE}/other`,
  '/x#part',
  '?only=query',
  '//127.0.0.1:1/',
  'http://',
  '',
  'ftp://x/',
  '/\xe4',
  '/a\tb',
]

function redirectBy(dice: Dice): Behaviour {
  const status = dice.pick([301, 302, 303, 307, 308, 304, 300, 305])
  // One in fifty leads nowhere: there Artillery waits for ever.
  const lost = dice.once(50)
  const location = dice.once(2) ? '/next' : dice.pick(LOCATIONS)
  if (lost || status === 304 || status === 305)
    return lost ? { status } : { status: 302, headers: [`Location: ${location}`] }
  return { status, headers: [`${dice.pick(['Location', 'location', 'LOCATION'])}: ${location}`] }
}

const ODD_HEADERS = [
  ...[
    ['X-Own: one', 'x-own: two'],
    ['X-Own:'],
    ['x-OWN:   padded   '],
    [`X-Own: ${'v'.repeat(15_000)}`],
    [`X-Own: ${'v'.repeat(17_000)}`],
    ['Content-Type: a/b', 'content-type: c/d'],
  ],
  ...[
    ['Connection: close'],
    ['Keep-Alive: timeout=1'],
    ['Keep-Alive: timeout=5', 'Connection: keep-alive'],
    ['X-Own: \xe4\xff'],
    ['X Y: bad'],
    ['X-Own: a\x01b'],
    ['X-Own: folded\r\n more'],
  ],
  ...[
    ['Content-Length: 3'],
    ['Transfer-Encoding: chunked'],
    ['Transfer-Encoding: gzip, chunked'],
    ['Server-Timing: total;dur=12.5'],
    ['__proto__: x'],
    ['Content-Encoding: zstd'],
    ['Upgrade: x', 'Connection: upgrade'],
  ],
]

const GARBAGE = [
  '',
  'garbage\r\n\r\n',
  'HTTP/1.1 abc\r\n\r\n',
  'HTTP/2 200 OK\r\n\r\n',
  'HTTP/1.1 200\r\n\r\n',
  '\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
  ...[
    'HTTP/1.1 099 Low\r\n\r\n',
    'HTTP/1.1 999 High\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab',
    'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  ],
]

function oddBy(dice: Dice, { headers = [] }: Behaviour): Behaviour {
  const how = dice.pick(['reset', 'fin'] as const)
  switch (dice.below(12)) {
    case 0:
    case 1:
    case 2:
      return { pieces: dice.below(1000), delay: dice.below(3) }
    case 3:
      return { framing: dice.pick(['close', 'old', 'chunked']), pieces: dice.below(1000) }
    case 4:
    case 5:
      return { headers: [...headers, ...dice.pick(ODD_HEADERS)] }
    case 6:
      return {
        first: dice.pick([
          'HTTP/1.1 100 Continue\r\n\r\n',
          'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
          'HTTP/1.1 102 Processing\r\n\r\n',
        ]),
      }
    case 7:
      return { lie: dice.pick([1, 1000, -1, -5]) }
    case 8:
      return {
        stop: { at: dice.pick(['accept', 'request', 'status', 'headers', 'body', 'after']), how },
        ...(dice.once(3) ? { framing: 'chunked' } : {}),
      }
    case 9:
      return dice.once(4) ? { silent: true } : { garbage: dice.pick(GARBAGE) }
    case 10:
      return dice.once(3)
        ? { coding: 'corrupt' }
        : {
            coding: dice.pick(['gzip', 'br']),
            framing: 'chunked',
            pieces: 5,
            ...(dice.once(4) ? { stop: { at: 'body', how } } : {}),
          }
    default:
      return dice.once(3) ? { body: 'big', pieces: dice.below(1000) } : {}
  }
}
