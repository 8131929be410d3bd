import { describe, expect, it } from 'vitest'
import { randomFor, variablesFor } from '../../../lambda/variables.ts'
import type { WorkerScript } from '../../../src/wire/start.ts'

const SEED = 7
type Feed = WorkerScript['feeds'][number]
const feed = (change: Partial<Feed> = {}): Feed => ({
  ...{ path: 'users.csv', fields: ['name', 'age'], order: 'sequence', loadAs: null },
  ...change,
})
const script = (feeds: Feed[], variables: Record<string, unknown> = {}): WorkerScript => ({
  ...{
    target: 'http://127.0.0.1:1',
    config: {},
    environment: null,
    ...{ strict: false, warmUp: [] },
    hooks: { before: null, after: null },
    scenarios: [],
  },
  ...{ feeds, variables, source: { file: '/s.yml', folder: '/', root: '/' } },
})
const USERS = [
  ['ada', 36],
  ['bo', 41],
  ['cy', 9],
]
const colours = { colour: ['red', 'green', 'blue'], shape: ['round', 'square'], limit: 5 }

describe('a virtual user’s variables', () => {
  it('are the fields of its row', () => {
    const vars = variablesFor(script([feed()]), [USERS], SEED)
    expect([0, 1, 2, 3].map(vars)).toEqual([
      { name: 'ada', age: 36 },
      { name: 'bo', age: 41 },
      { name: 'cy', age: 9 },
      { name: 'ada', age: 36 },
    ])
  })

  it('at random are those of one row, never of two', () => {
    const vars = variablesFor(script([feed({ order: 'random' })]), [USERS], SEED)
    const drawn = Array.from({ length: 300 }, (_, k) => vars(k))
    const pairs = new Set(drawn.map(({ name, age }) => `${name} ${age}`))
    expect([...pairs].toSorted()).toEqual(['ada 36', 'bo 41', 'cy 9'])
  })

  it('of two files come from a row of each, drawn apart', () => {
    const feeds = [feed({ order: 'random' }), feed({ fields: ['city'], order: 'random' })]
    const vars = variablesFor(script(feeds), [USERS, [['rome'], ['oslo'], ['bonn']]], SEED)
    const pairs = new Set(Array.from({ length: 300 }, (_, k) => `${vars(k).name} ${vars(k).city}`))
    expect(pairs.size).toBe(9)
  })

  it('are one of each list’s values, drawn apart, and every other value as it is', () => {
    const vars = variablesFor(script([], colours), [], SEED)
    const drawn = Array.from({ length: 300 }, (_, k) => vars(k))
    expect(new Set(drawn.map(({ colour, shape }) => `${colour} ${shape}`)).size).toBe(6)
    expect(new Set(drawn.map(({ limit }) => limit))).toEqual(new Set([5]))
  })

  it('may be a whole file under its name, rows as objects, one copy for all', () => {
    const vars = variablesFor(script([feed({ loadAs: 'people' })]), [USERS], SEED)
    expect(vars(0).people).toEqual([
      { name: 'ada', age: 36 },
      { name: 'bo', age: 41 },
      { name: 'cy', age: 9 },
    ])
    expect(vars(0).people).toBe(vars(1).people)
  })

  it('of a whole file without field names are its rows as lists', () => {
    const vars = variablesFor(script([feed({ loadAs: 'people', fields: [] })]), [USERS], SEED)
    expect(vars(0)).toEqual({ people: USERS })
  })

  it('are its own: what one virtual user changes, another does not see', () => {
    const vars = variablesFor(script([feed()], colours), [USERS], SEED)
    vars(0).name = 'changed'
    expect(vars(0).name).toBe('ada')
  })

  it('hang on seed and arrival alone: another worker gives the same', () => {
    const make = (seed: number): ((k: number) => Record<string, unknown>) =>
      variablesFor(script([feed({ order: 'random' })], colours), [USERS], seed)
    const drawn = (seed: number): unknown[] => Array.from({ length: 50 }, (_, k) => make(seed)(k))
    expect(drawn(SEED)).toEqual(drawn(SEED))
    expect(drawn(SEED)).not.toEqual(drawn(SEED + 1))
    expect(make(SEED)(33)).toEqual(drawn(SEED)[33])
  })
})

describe('a virtual user’s stream of random numbers', () => {
  const first = (n: number, seed: number, k: number): number[] => {
    const random = randomFor(seed, k)
    return Array.from({ length: n }, () => random())
  }

  it('is the same whenever it is asked for, and another for each arrival and seed', () => {
    expect(first(5, SEED, 3)).toEqual(first(5, SEED, 3))
    expect(new Set([...first(5, SEED, 3), ...first(5, SEED, 4), ...first(5, SEED + 1, 3)]).size).toBe(15)
  })

  it('lies in [0, 1), half of it below ½', () => {
    const numbers = first(10_000, SEED, 0)
    expect(numbers.every((x) => x >= 0 && x < 1)).toBe(true)
    expect(Math.abs(numbers.filter((x) => x < 0.5).length - 5_000)).toBeLessThan(200)
  })
})
