/** Compiled templates give what Artillery's `template` gives, whatever is written in them and whatever fills them. */
import { template } from 'artillery-upstream/engine_util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compiled } from '../../lambda/engines/native/templates.ts'
import { holds } from '../support/property.ts'

const name = fc.constantFrom('a', 'b', 'list', 'deep', 'none', '$uuid', 'with-dash')
const path = fc.constantFrom('deep.x', 'deep.y[0]', "deep['x']", 'list[1]', 'none.x', 'a.length', ' a ', 'a b')
const call = fc.constantFrom(
  ...['$randomNumber(1, 9)', '$randomNumber( )', '$randomString(3)', '$randomString()', '$own(7)', '$missing(1)'],
  ...['$own(a, b)', '$own("x")', '$own(1.5)'],
)
const braced = fc.oneof(
  fc.oneof(name, path).map((inner) => `{{ ${inner} }}`),
  fc.oneof(name, path).map((inner) => `{{${inner}}}`),
  name.map((inner) => `{{{ ${inner} }}}`),
  call.map((inner) => `{{ ${inner} }}`),
  call.map((inner) => `{{${inner}}}`),
)
const literal = fc.constantFrom('', '/x?y=', '{', '}', '{{', '}}', '"n": ', '$&', '$1', 'ü', '{{ |x }}', '\r\n', ' ')
const text = fc
  .array(fc.oneof({ weight: 2, arbitrary: braced }, literal), { maxLength: 5 })
  .map((parts) => parts.join(''))

const leaf = fc.constantFrom<unknown>(
  ...[
    '',
    'plain',
    '$1',
    'pa$$word',
    '{{ b }}',
    '{',
    'ü',
    'x\r\ny: z',
    0,
    7,
    -1.5,
    true,
    false,
    null,
    undefined,
    Number.NaN,
  ],
)
/** What a variable holds inside: Artillery writes what it fills in there back into the variable, we do not. */
const still = leaf.filter((value) => value !== '{{ b }}')
const vars = fc.record({
  a: leaf,
  // Names nothing itself: Artillery's replacing never ends where a value contains its own template.
  b: fc.constantFrom('bee', 3, null),
  list: fc.array(still, { maxLength: 3 }),
  deep: fc.record({ x: still, y: fc.array(still, { maxLength: 2 }) }),
  $uuid: fc.constant('u-1'),
  'with-dash': leaf,
})

/** Counts up, so that what is called when shows. */
const filling = (values: Record<string, unknown>): Parameters<typeof template>[1] => {
  let calls = 0
  const own = (...given: unknown[]): string => `${++calls}(${given.join()})`
  // Artillery writes into what it puts in.
  return { vars: structuredClone(values), funcs: { $randomNumber: () => ++calls, $randomString: own, $own: own } }
}

/** What comes out, or what is thrown. */
function outcome(fill: () => unknown): unknown {
  try {
    return { value: fill() }
  } catch (error) {
    return { thrown: (error as Error).name }
  }
}

const same = (generated: unknown, values: Record<string, unknown>): void => {
  // As JSON brings it: a map is a plain object.
  const written = structuredClone(generated)
  const theirs = outcome(() => template(structuredClone(written), filling(values)))
  const ours = outcome(() => compiled(written)(filling(values) as Parameters<ReturnType<typeof compiled>>[0]))
  expect(ours).toEqual(theirs)
}

describe('a compiled template', () => {
  it('of a text is what Artillery makes of it', () => {
    holds(
      fc.tuple(text, vars),
      ([written, values]) => {
        same(written, values)
      },
      { runs: 20_000 },
    )
  })

  it('of a map or list, whatever its keys, is what Artillery makes of it', () => {
    const key = fc.constantFrom('k', 'a.b', 'with space', '$k', '0')
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.constantFrom(0, 1, true, null, ''),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.oneof({ weight: 5, arbitrary: fc.constantFrom('k', 'l', 'm') }, key), tie('tree'), {
          maxKeys: 3,
        }),
      ),
    }))
    holds(
      fc.tuple(tree, vars),
      ([written, values]) => {
        same(written, values)
      },
      { runs: 5_000 },
    )
  })

  it('of a map fills in the variable that is put there too', () => {
    same({ k: ['{{ deep }}'], l: '{{ deep }}' }, { b: 'bee', deep: { x: '{{ b }}', y: ['{{ b }}!'] } })
  })

  it('that would never end is an error, where Artillery never comes back', () => {
    for (const written of ['x{{ a }}', { k: 'x{{ a }}' }])
      expect(() => compiled(written)({ vars: { a: '{{ a }}' }, funcs: {} })).toThrow('without end')
  })
})
