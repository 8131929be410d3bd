/** Requests by chance: where to, with what, and what is read of the answer. */
import type { Dice } from '../../support/answers.ts'
import { ELSEWHERE, TARGET } from './case.ts'

type Spec = Record<string, unknown>

const URLS = [
  ...[
    '/',
    '/items',
    '/items',
    '/items?page=2',
    '/items/{{ id }}',
    '/items/{{ word }}/x',
    '/q?a={{ word }}&b={{ object.inner }}',
    '/{{ missing }}',
  ],
  ...[
    '/x/{{ object }}',
    '/x/{{ list[0] }}',
    '/x/{{ evil }}',
    '/{{{ word }}}',
    '/x/{{word}}{{ id }}',
    '{{ path }}',
    '{{ token }}/y',
    '/{{ object["odd key"] }}',
  ],
  ...[
    '/up/../down/./here',
    '/a b',
    '/ä?ö=ü',
    '/x#part',
    '//double',
    '/%zz',
    '/x?y=[1]{2}|^',
    `${TARGET}/whole`,
    `${TARGET}/{{ word }}`,
    `${ELSEWHERE}/other`,
  ],
  ...[
    '/n/{{ $randomNumber(1, 9) }}',
    '/s/{{ $randomString(4) }}',
    '/{{ $loopCount }}/{{ $loopElement }}',
    '/{{ element }}/{{ n }}',
    '/c/{{ captured }}',
  ],
  ...[
    '/ {{ word',
    '/x/{{ $noSuch(1) }}',
    '/x/{{ $randomNumber() }}',
    '/x/{{ $uuid }}/{{ $testId }}',
    '/x/{{ word | upper }}',
    '{{ missing }}',
    'nowhere',
  ],
]

const TEXTS: readonly unknown[] = [
  ...[
    'plain',
    '',
    'of {{ word }}',
    '{{ word }}',
    '{{ evil }}',
    '{{ missing }}',
    '{{ object }}',
    '{{ object.inner }}',
    '{{ list }}',
    '{{ list[1] }}',
    '{{ id }}',
  ],
  ...[
    '{{ $randomNumber(1, 100) }}',
    '{{ $randomString() }}',
    'ä€',
    'a\r\nb: c',
    'a\tb',
    '{{ $loopElement }}',
    '{{ captured }} {{ word }}',
    '{{ $randomNumber(1, 5) }}-{{ word }}',
  ],
]
const SCALARS: readonly unknown[] = [...TEXTS, 0, 7, true, false, null]

export function requestBy(dice: Dice, method: string): Spec {
  const request: Spec = { [dice.once(20) ? 'uri' : 'url']: dice.once(2) ? '/items' : dice.pick(URLS) }
  if (dice.once(8)) request.name = dice.pick(['named', 'of {{ word }}'])
  if (dice.once(4)) request.headers = headersBy(dice)
  if (dice.once(10)) request.cookie = { [dice.pick(['a', 'preset'])]: dice.pick(TEXTS) }
  if (dice.once(15))
    request.auth = dice.pick<unknown>([
      { user: 'u', pass: 'p:€' },
      { user: '{{ word }}', pass: '{{ missing }}' },
      { user: '{{ id }}' },
    ])
  if (dice.once(8))
    request.qs = dice.pick<unknown>([
      { a: 1, b: '{{ word }}' },
      { l: [1, 'x'], o: '{{ missing }}' },
      { 'k y': 'ä', n: '{{ id }}' },
      {},
    ])
  if (dice.once(10)) request.followRedirect = dice.once(3)
  if (dice.once(15)) request.gzip = dice.once(2)
  if (dice.once(15)) request.probability = dice.pick<unknown>([0, 100, 50, '50', 'x'])
  if (dice.once(15))
    request.ifTrue = dice.pick([
      'id',
      'word == "simple"',
      'missing',
      'isSet',
      'not a ( condition',
      'id > 0',
      'object',
      'list',
    ])
  if (method === 'get' || method === 'head' ? dice.once(60) : dice.once(2)) Object.assign(request, bodyBy(dice))
  if (dice.once(3)) request.capture = dice.once(3) ? [captureBy(dice), captureBy(dice)] : captureBy(dice)
  if (dice.once(12)) request.match = matchBy(dice)
  if (dice.once(8)) request.expect = dice.pick<unknown>(EXPECTATIONS)
  return request
}

const EXPECTATIONS = [
  ...[
    { statusCode: 200 },
    [{ statusCode: [200, 201] }, { contentType: 'json' }],
    [{ hasProperty: 'items[0].name' }, { hasHeader: 'content-type' }],
  ],
  ...[
    [{ equals: ['{{ captured }}', '{{ word }}'] }],
    { matchesRegexp: 'name' },
    [{ notStatusCode: 500 }, { cdnHit: true }],
    { headerEquals: ['x-own', 'v'] },
  ],
]

const HEADERS = [
  'X-Own',
  'x-own',
  'Accept',
  'content-type',
  'Content-Length',
  'Host',
  'connection',
  'cookie',
  'authorization',
  'user-agent',
  'accept-encoding',
  ...['Transfer-Encoding', 'expect', 'x y', 'X-{{ word }}', '', '__proto__', 'if-none-match'],
]

function headersBy(dice: Dice): Spec {
  const headers: Spec = {}
  for (let left = 1 + dice.below(2); left > 0; left--) {
    const name = dice.once(3) ? dice.pick(HEADERS) : 'X-Own'
    headers[name] = dice.once(6) ? ['one', '{{ word }}'] : dice.pick(SCALARS)
    if (/length/i.test(name)) headers[name] = 3
    if (/transfer/i.test(name)) headers[name] = 'chunked'
    if (/expect/i.test(name)) headers[name] = '100-continue'
    if (/connection/i.test(name)) headers[name] = dice.pick(['close', 'keep-alive', 'Upgrade'])
  }
  return headers
}

function bodyBy(dice: Dice): Spec {
  const value = (): unknown => dice.pick(SCALARS)
  switch (dice.below(6)) {
    case 0:
      return { json: { a: value(), b: { c: [value(), { d: value() }] } } }
    case 1:
      return {
        json: dice.pick<unknown>([
          [],
          {},
          ['{{ word }}', 1],
          { 'k.x': '{{ word }}' },
          { '{{ word }}': 1 },
          { a: { 'b c': '{{ id }}' } },
          [[['{{ id }}']]],
        ]),
      }
    case 2:
      return { form: dice.pick<unknown>([{ a: value(), b: value() }, {}, { 'ä b': '{{ word }}' }]) }
    case 3:
      return {
        formData: dice.pick<unknown>([
          { a: '{{ word }}', b: 7 },
          { f: { value: '{{ word }}', contentType: 'text/html' } },
          { ä: 'x' },
        ]),
      }
    case 4:
      return { body: String(dice.pick(TEXTS)), headers: { 'Content-Type': 'text/plain' } }
    default:
      return {
        body: String(dice.pick(TEXTS)),
        ...(dice.once(4) ? { json: { both: 1 } } : {}),
        ...(dice.once(4) ? { form: { both: 1 } } : {}),
      }
  }
}

const PATHS = [
  '$.id',
  '$.name',
  '$.items[0].name',
  '$.items[*].name',
  '$..name',
  '$.missing',
  "$['odd key']",
  '$.nested.deep.value',
  '$.items[-1:].id',
  '$',
  '$.zero',
  '$.no',
  ...[
    '$.nothing',
    '$.empty',
    '$.evil',
    '$.path',
    '$.items[?(@.id>1)].name',
    '$.items',
    '$[0].name',
    '$.nested.list[0][1]',
    '$.items.length',
    '$.name.length',
    'id',
    '$.{{ word }}',
    '$.toString',
    '$.items[0].tags[0]',
  ],
]
const PATTERNS = ['token=(\\w+)', 'token=(?<own>\\w+)', 'name', 'nothing like it', '^second', '{{ word }}', '(x)?token']

function captureBy(dice: Dice): Spec {
  const as = { as: dice.pick(['captured', 'captured', 'id', 'word', 'object.inner', 'list[0]', 'x y']) }
  const strict = dice.once(4) ? { strict: dice.once(3) } : {}
  switch (dice.below(8)) {
    case 0:
      return {
        regexp: dice.pick(PATTERNS),
        ...as,
        ...strict,
        ...(dice.once(2) ? { group: dice.pick<unknown>([1, '1', 'own', 9]) } : {}),
        ...(dice.once(3) ? { flags: dice.pick(['i', 'gm', 'y']) } : {}),
      }
    case 1:
      return { header: dice.pick(['content-type', 'x-own', 'X-Own', 'set-cookie', 'missing']), ...as, ...strict }
    case 2:
      return {
        selector: 'a[class="next"]',
        attr: 'href',
        ...as,
        ...strict,
        ...(dice.once(2) ? { index: dice.pick<unknown>([0, 'last', 'random']) } : {}),
      }
    default:
      return { json: dice.pick(PATHS), ...as, ...strict, ...(dice.once(12) ? { multiple: dice.once(2) } : {}) }
  }
}

function matchBy(dice: Dice): unknown {
  const strict = dice.once(3) ? { strict: false } : {}
  return dice.pick<Spec | Spec[]>([
    ...[
      { json: '$.id', value: 0, ...strict },
      { json: '$.zero', value: '{{ id }}', ...strict },
      { regexp: 'token=t', value: 'token=t', ...strict },
    ],
    ...[
      { header: 'content-type', value: 'application/json', ...strict },
      [
        { json: '$.no', value: false },
        { json: '$.id', value: 'x', ...strict },
      ],
    ],
  ])
}
