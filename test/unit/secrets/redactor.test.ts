/** What is taken out of a text, and what stays. */
import { describe, expect, it } from 'vitest'
import { secretsIn, secretsOfEnv, secretsOfRows, secretsTaken } from '../../../src/secrets/collect.ts'
import { isSecretName, isSecretParameter } from '../../../src/secrets/names.ts'
import { Redactor } from '../../../src/secrets/redactor.ts'
import { KINDS } from '../../support/seeded.ts'

const redacted = (text: string): string => new Redactor().text(text)
function knowing(...secrets: string[]): Redactor {
  const redactor = new Redactor()
  redactor.learn(secrets)
  return redactor
}

describe('names of secrets', () => {
  it.each([
    ...['password', 'adminPassword', 'DB_PASSWD', 'passphrase', 'x-api-key', 'apiKey', 'Authorization', 'cookie'],
    ...['set-cookie', 'access_token', 'refreshToken', 'AWS_SECRET_ACCESS_KEY', 'client-secret', 'sessionId', 'jwt'],
    ...['X-Amz-Signature', 'X-Amz-Credential', 'auth', 'pwd', 'csrf', 'privateKey'],
  ])('%s', (name) => expect(isSecretName(name)).toBe(true))

  it.each([
    ...['name', 'tokenType', 'maxTokens', 'token_count', 'SSH_AUTH_SOCK', 'passwordField', 'author', 'keyboard', 'key'],
    ...['compass', 'bypass', 'monkey', 'XAUTHORITY', 'auth_url', 'code'],
  ])('not %s', (name) => expect(isSecretName(name)).toBe(false))

  it('are shorter in a query', () => expect([isSecretParameter('key'), isSecretParameter('q')]).toEqual([true, false]))
})

describe('what is secret by its form', () => {
  it.each(KINDS.filter(({ form }) => form).map(({ kind, value }): [string, string] => [kind, value]))(
    '%s',
    (_, value) => {
      expect(redacted(`it said ${value} to me`)).toBe('it said [redacted] to me')
      expect(redacted(JSON.stringify({ said: [value] }))).toBe('{"said":["[redacted]"]}')
    },
  )

  it.each([
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: [redacted]'],
    ['a Bearer abc123def456 was sent', 'a Bearer [redacted] was sent'],
    ['Cookie: sid=abc; theme=dark', 'Cookie: [redacted]'],
    ['https://bob:hunter2@example.com/a', 'https://[redacted]@example.com/a'],
    ['GET /a?page=2&access_token=abc&q=x', 'GET /a?page=2&access_token=[redacted]&q=x'],
    ['{"user":"bob","password":"a \\"b\\" c"}', '{"user":"bob","password":"[redacted]"}'],
    ["{ user: 'bob', password: 'hunter' }", "{ user: 'bob', password: '[redacted]' }"],
    ['"{\\"password\\":\\"hunter2\\"}"', '"{\\"password\\":\\"[redacted]\\"}"'],
    ['Server=db;Password=x;Port=1', 'Server=db;Password=[redacted];Port=1'],
    ['error: token=abc', 'error: token=[redacted]'],
    ['errors{error=apiKey: Ab12345}', 'errors{error=apiKey: [redacted]}'],
  ])('%s', (text, expected) => {
    expect(redacted(text)).toBe(expected)
    expect(redacted(expected), 'it stays as it is').toBe(expected)
  })

  it.each([
    ...['GET /items/{{ token }}', 'GET /a?token={{ token }}', 'Basic authentication failed', 'invalid token: expired'],
    ...['Unexpected token \'<\', "<html>" is not valid JSON', 'errors.ECONNREFUSED', 'the bearer certificates'],
    ...[
      'response{endpoint=GET /password/reset}',
      'http://127.0.0.1:8080/a@b',
      'token_count=12',
      'password is required',
    ],
  ])('leaves %s', (text) => expect(redacted(text)).toBe(text))
})

describe('what a run knows to be secret', () => {
  it('is found however it is written, and the longest of several', () => {
    const { text } = knowing('p"ss w/rd', 'p"ss w/rd and more')
    expect(text('a p"ss w/rd b')).toBe('a [redacted] b')
    expect(text(JSON.stringify({ a: 'p"ss w/rd' }))).toBe('{"a":"[redacted]"}')
    expect(text(`/a/${encodeURIComponent('p"ss w/rd')}/b`)).toBe('/a/[redacted]/b')
    expect(text(new URLSearchParams({ a: 'p"ss w/rd' }).toString())).toBe('a=[redacted]')
    expect(text('a p"ss w/rd and more b')).toBe('a [redacted] b')
  })

  it('is one word where several overlap', () => {
    expect(knowing('abcdef', 'defghi').text('-abcdefghi-')).toBe('-[redacted]-')
  })

  it('is not what would be found everywhere', () => {
    expect(knowing('a', 'admin', '123456').text('admin has a 123456')).toBe('admin has a 123456')
    expect(knowing('12345678').text('it is 12345678')).toBe('it is [redacted]')
  })

  it('is each line of what has several', () => {
    const [first, second] = ['MIIEowIBAAKCAQEA1', 'c3RhbmRzIGFsb25lIGhlcmU=']
    expect(knowing(`${first}\n${second}\n`).text(`> ${second}`)).toBe('> [redacted]')
  })

  it('forgets what virtual users were given long ago, and never what the script says', () => {
    const redactor = knowing('of-the-script')
    redactor.learnPassing(['given-first'])
    expect(redactor.text('of-the-script given-first')).toBe('[redacted] [redacted]')
    for (let n = 0; n < 40_001; n++) redactor.learnPassing([`given-${n}-later`])
    expect(redactor.text('of-the-script given-first given-40000-later')).toBe('[redacted] given-first [redacted]')
  })

  it('is taken out of all texts of a document, which stays the same otherwise', () => {
    const value = { plan: [1, null, 'hunter2-long', { 'hunter2-long': true }] }
    expect(knowing('hunter2-long').json(value)).toEqual({ plan: [1, null, '[redacted]', { '[redacted]': true }] })
  })

  it('takes no longer for many of them, nor for a text without end', () => {
    const redactor = new Redactor()
    redactor.learn(Array.from({ length: 100_000 }, (_, n) => `password-${n}`))
    const began = performance.now()
    for (const text of ['a'.repeat(2 ** 20), 'ey'.repeat(2 ** 19), '://'.repeat(2 ** 18), 'a=b&'.repeat(2 ** 17)]) {
      expect(redactor.text(text)).toBe(text)
    }
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

describe('the secrets of a script', () => {
  it('are what stands under the name of one, at any depth', () => {
    const spec = {
      headers: { Authorization: 'Bearer abc-123-def', 'x-api-key': 'key-of-mine', accept: 'application/json' },
      auth: { user: 'somebody', pass: 'pass-word' },
      cookie: { theme: 'theme-dark' },
      json: { user: { tokens: ['first-one', 'second-one'] } },
      qs: { key: 'in-the-query', page: 'page-two' },
      capture: { json: '$.token', as: 'token' },
    }
    const found = [...secretsIn(spec)]
    for (const secret of [
      'abc-123-def',
      'key-of-mine',
      'pass-word',
      'theme-dark',
      'first-one',
      'second-one',
      'in-the-query',
    ]) {
      expect(found).toContain(secret)
    }
    expect(found).toContain(btoa('somebody:pass-word'))
    for (const other of ['application/json', 'page-two', '$.token', 'token']) expect(found).not.toContain(other)
  })

  it('are the values of cookies and what Basic hides', () => {
    const found = [
      ...secretsIn({ headers: { cookie: 'sid=abc-def; a=b', authorization: `Basic ${btoa('bob:hunter-2')}` } }),
    ]
    expect(found).toContain('abc-def')
    expect(found).toContain('hunter-2')
  })

  it('are in URLs too', () => {
    const found = [...secretsIn(['http://bob:p%40ss-word@host/a?token=tok-en-1&page=3'])]
    expect(found).toEqual(expect.arrayContaining(['p@ss-word', 'tok-en-1', btoa('bob:p@ss-word')]))
    expect(found).not.toContain('3')
  })

  it('are not the words beside a template', () => {
    expect([
      ...secretsIn({ authorization: 'Bearer {{ token }}', cookie: 'session={{ session }}; theme=dark' }),
    ]).toEqual([])
  })

  it('are columns of its data, and variables of the environment', () => {
    expect([
      ...secretsOfRows({
        fields: ['name', 'token'],
        rows: [
          ['ada', 'tok-1'],
          ['bob', 12345678],
        ],
      }),
    ]).toEqual([...['tok-1', '12345678']])
    expect([...secretsOfRows({ fields: [], rows: [{ name: 'ada', password: 'pass-1' }] })]).toEqual(['pass-1'])
    expect([...secretsOfEnv({ PWD: '/home/me/project', OLDPWD: '/home/me/before' })]).toEqual([])
    expect([...secretsOfEnv({ HOME: '/root', DB_PASSWORD: 'of-the-db', DB: 'postgres://a:b-c-d-e@h/x' })]).toEqual(
      expect.arrayContaining(['of-the-db', 'b-c-d-e']),
    )
  })

  it('travel with it only as far as it has taken them in', () => {
    const script = { target: 'http://a', variables: { one: 'taken-in "x"' }, config: {}, hooks: {}, scenarios: [] }
    expect(secretsTaken({ A_TOKEN: 'taken-in "x"', B_TOKEN: 'left-alone' }, script)).toEqual(['taken-in "x"'])
  })
})
