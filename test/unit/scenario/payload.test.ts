import { describe, expect, it } from 'vitest'
import { type Files, good, read, refusal } from './folder.ts'

const USERS = 'ada,36\nbo,41\n'
/** A script with this payload in flow style, on line 3. */
const script = (payload: string): string => good('  phases:', `  payload: ${payload}\n  phases:`)
const rowsOf = async (payload: string, files: Files): Promise<unknown> =>
  (await read(script(payload), files)).feeds[0]?.rows

describe('a data file', () => {
  it('is read to rows, its numbers as numbers', async () => {
    const { feeds } = await read(script('{ path: users.csv, fields: [name, age] }'), { 'users.csv': USERS })
    expect(feeds).toEqual([
      {
        ...{ path: 'users.csv', fields: ['name', 'age'], order: 'random', loadAs: null },
        rows: [
          ['ada', 36],
          ['bo', 41],
        ],
      },
    ])
  })

  it.each<[string, string, string, unknown[][]]>([
    ['skipHeader leaves out the first line', 'skipHeader: true', 'name,age\nada,36\n', [['ada', 36]]],
    ['without it the first line is a row', 'fields: [a]', 'name\nada\n', [['name'], ['ada']]],
    ['delimiter', 'delimiter: ";"', 'ada;36\n', [['ada', 36]]],
    ['cast: false leaves all as text', 'cast: false', 'ada,36\n', [['ada', '36']]],
    ['empty lines are left out', 'fields: [a]', 'ada\n\nbo\n\n', [['ada'], ['bo']]],
    ['a quoted field may hold the delimiter and a line', 'fields: [a]', '"a, b\nc",2\n', [['a, b\nc', 2]]],
    ['options of the parser', 'options: { quote: "\'" }', "'a,b',1\n", [['a,b', 1]]],
    ['lines may end as Windows ends them', 'fields: [a]', 'ada\r\nbo\r\n', [['ada'], ['bo']]],
  ])('%s', async (_, option, text, rows) => {
    expect(await rowsOf(`{ path: users.csv, ${option} }`, { 'users.csv': text })).toEqual(rows)
  })

  it('is found relative to the script, not to where the command runs', async () => {
    const files = { 'load/users.csv': USERS }
    const { feeds } = await read(script('{ path: users.csv, fields: [name] }'), files, { path: 'load/script.yml' })
    expect(feeds[0]?.rows).toHaveLength(2)
  })

  it('may be one of several, each with its order', async () => {
    const payload = '[{ path: a.csv, order: sequence }, { path: b.csv }]'
    const { feeds } = await read(script(payload), { 'a.csv': '1\n', 'b.csv': '2\n' })
    expect(feeds.map(({ path, order }) => [path, order])).toEqual([
      ['a.csv', 'sequence'],
      ['b.csv', 'random'],
    ])
  })

  it('with loadAll comes whole, under its name', async () => {
    const { feeds } = await read(script('{ path: users.csv, loadAll: true, name: people }'), { 'users.csv': USERS })
    expect(feeds[0]).toMatchObject({
      loadAs: 'people',
      rows: [
        ['ada', 36],
        ['bo', 41],
      ],
    })
  })
})

describe('a data file is refused, with its place', () => {
  it.each<[string, string, Files, string]>([
    ['when it is not there', '{ path: gone.csv }', {}, 'cannot read the data file gone.csv: ENOENT'],
    ['when it is empty', '{ path: users.csv }', { 'users.csv': '' }, 'the data file users.csv has no rows'],
    [
      'when it has only a header',
      '{ path: users.csv, skipHeader: true }',
      { 'users.csv': 'name,age\n' },
      'the data file users.csv has no rows',
    ],
    [
      'when its quotes do not close',
      '{ path: users.csv }',
      { 'users.csv': '"ada\n' },
      'cannot read the data file users.csv: ',
    ],
    [
      'when a row has more fields',
      '{ path: users.csv }',
      { 'users.csv': 'a\nb,c\n' },
      'cannot read the data file users.csv: ',
    ],
    [
      'when it is to come whole and has no name',
      '{ path: users.csv, loadAll: true }',
      { 'users.csv': USERS },
      'config.payload: loadAll needs a name',
    ],
    ['when an option is misspelt', '{ path: a.csv, feilds: [b] }', { 'a.csv': '1\n' }, 'Did you mean "fields"?'],
    ['when its order is none', '{ path: a.csv, order: backwards }', { 'a.csv': '1\n' }, 'config.payload'],
    [
      'in a list too',
      '[{ path: a.csv }, { path: gone.csv }]',
      { 'a.csv': '1\n' },
      'cannot read the data file gone.csv',
    ],
  ])('%s', async (_, payload, files, message) => {
    const told = await refusal(script(payload), files)
    expect(told).toContain(message)
    expect(told).toMatch(/^script\.yml:3:\d+: /)
  })
})
