/** The dashboard whatever is pressed, on a terminal of any size. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keys, TABS } from '../../src/dashboard/keys.ts'
import { lineWidth, textOf } from '../../src/dashboard/line.ts'
import { ascii, unicode } from '../../src/dashboard/marks.ts'
import { firstUi, type Order, pressed, type Ui } from '../../src/dashboard/ui.ts'
import { rowsShown, view } from '../../src/dashboard/view.ts'
import { holds } from '../support/property.ts'
import { eventful, inputOf, steeredBy } from '../support/screens.ts'

const press = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...keys.flatMap(({ presses }) => presses)) },
  { weight: 1, arbitrary: fc.constantFrom('y', 'a', 'Z', 'é', '日', 'backspace') },
)
const presses = fc.array(press, { maxLength: 40 })

type Pressed = { ui: Ui; orders: { by: string; order: Order }[]; scale: number }

function pressing(typed: readonly string[], steers: boolean): Pressed {
  let ui = firstUi
  const orders: { by: string; order: Order }[] = []
  let steering = { paused: false, scale: 1 }
  for (const by of typed) {
    const done = pressed(ui, by, {
      mode: steers ? 'steered' : 'run',
      stopping: false,
      rows: rowsShown(inputOf(eventful, { ui })),
      ...steering,
    })
    ui = done.ui
    steering = steeredBy(steering, done.order)
    if (done.order !== null) orders.push({ by, order: done.order })
  }
  return { ui, orders, scale: steering.scale }
}

it('every screen is exactly as large as its terminal, and has no sign that a terminal obeys', () => {
  const input = fc.record({
    typed: presses,
    columns: fc.integer({ min: 1, max: 240 }),
    rows: fc.integer({ min: 1, max: 80 }),
    marks: fc.constantFrom(unicode, ascii),
  })
  holds(
    input,
    ({ typed, columns, rows, marks }) => {
      const lines = view(inputOf(eventful, { ui: pressing(typed, true).ui, size: [columns, rows], marks }))
      expect(lines.length).toBe(rows)
      for (const line of lines) {
        expect(lineWidth(line)).toBe(columns)
        expect(textOf(line)).not.toMatch(/\p{Cc}/u)
      }
    },
    { runs: 400 },
  )
})

it('the load is never touched without an answer to a question, but by p and ^C', () => {
  holds(presses, (typed) => {
    for (const { by, order } of pressing(typed, true).orders) {
      if (order.kind === 'stop') expect(['enter', 'y', 'x', 's', 'ctrl-c']).toContain(by)
      if (order.kind === 'steer') expect(['enter', 'y', 'n', 'p']).toContain(by)
      if (order.kind === 'leave') expect(['l', 'q']).toContain(by)
    }
  })
})

it('what cannot be steered is not', () => {
  holds(presses, (typed) => {
    expect(pressing(typed, false).orders.filter(({ order }) => order.kind === 'steer')).toEqual([])
  })
})

it('the scale stays between a tenth and ten times, in tenths', () => {
  holds(presses, (typed) => {
    const { scale, ui } = pressing(typed, true)
    expect(scale).toBeGreaterThanOrEqual(0.1)
    expect(scale).toBeLessThanOrEqual(10)
    expect(scale * 10).toBe(Math.round(scale * 10))
    expect(TABS).toContain(ui.tab)
  })
})
