import { describe, expect, it } from 'vitest'
import { notices } from '../../../src/dashboard/keys.ts'
import { firstUi, type Order, pressed, type Situation, type Ui } from '../../../src/dashboard/ui.ts'
import { steeredBy } from '../../support/screens.ts'

const still: Situation = { mode: 'steered', stopping: false, rows: 5, paused: false, scale: 1 }

/** What comes of presses one after the other, and of all the orders among them. */
function pressing(
  presses: string,
  situation: Partial<Situation> = {},
  from: Partial<Ui> = {},
): { ui: Ui; orders: Order[] } {
  let ui: Ui = { ...firstUi, ...from }
  const orders: Order[] = []
  let steering = { paused: false, scale: 1 }
  for (const press of presses.split(' ')) {
    const done = pressed(ui, press, { ...still, ...situation, ...steering })
    ui = done.ui
    steering = steeredBy(steering, done.order)
    if (done.order !== null) orders.push(done.order)
  }
  return { ui, orders }
}

describe('looking around', () => {
  it.each<[string, string, Partial<Ui>]>([
    ['a number goes to its tab', '3', { tab: 'endpoints' }],
    ['tab goes to the next', 'tab tab', { tab: 'endpoints' }],
    ['left goes around', 'left', { tab: 'events' }],
    ['h and l go back and forth', 'l l h', { tab: 'workers' }],
    ['down stops at the last row', 'j j j j j j j', { cursor: 4 }],
    ['up stops at the first', 'down up up', { cursor: 0 }],
    ['another tab starts afresh', '2 j s e 3', { tab: 'endpoints', cursor: 0, sort: 0, expanded: false }],
    ['enter expands, and again does not', 'enter enter', { expanded: false }],
    ['e expands', 'e', { expanded: true }],
    ['escape closes all', '? e escape', { help: false, expanded: false, filter: '' }],
    ['s sorts by the next column', 's s', { sort: 2 }],
    ['f freezes', 'f', { frozen: true }],
    ['f again goes on', 'f f', { frozen: false }],
    ['[ makes the span shorter, to a second', '[ [ [ [ [', { span: 1 }],
    ['] makes it longer, to five minutes', '] ] ] ] ] ] ]', { span: 300 }],
    ['c goes through response, service and both', 'c c c', { show: 'both' }],
    ['c once shows response time', 'c', { show: 'response' }],
    ['? is help', '?', { help: true }],
    ['a key that is none does nothing', 'Z', {}],
  ])('%s', (_, presses, wanted) => {
    const { ui, orders } = pressing(presses)
    expect(ui).toEqual({ ...firstUi, ...wanted })
    expect(orders).toEqual([])
  })

  it('has no rows to move over where there is no table', () =>
    expect(pressing('j / s e', { rows: null }).ui).toEqual(firstUi))

  it('stays at the first row of an empty table', () => expect(pressing('j k', { rows: 0 }).ui.cursor).toBe(0))
})

describe('a filter', () => {
  it('is what is typed, keys and all', () =>
    expect(pressing('/ q x 1').ui).toMatchObject({ filter: 'qx1', filtering: true }))
  it('loses its last sign by backspace', () => expect(pressing('/ a b backspace').ui.filter).toBe('a'))
  it('is kept by enter', () =>
    expect(pressing('/ a enter j').ui).toMatchObject({ filter: 'a', filtering: false, cursor: 1 }))
  it('is cleared by escape', () => expect(pressing('/ a escape').ui).toEqual(firstUi))
  it('does not take arrows for text', () => expect(pressing('/ a up left').ui.filter).toBe('a'))
})

describe('stopping', () => {
  const stop: Order = { kind: 'stop' }
  it.each<[string, string, Order[]]>([
    ['x asks first', 'x', []],
    ['enter confirms', 'x enter', [stop]],
    ['x confirms, too', 'x x', [stop]],
    ['escape does not', 'x escape', []],
    ['n does not', 'x n', []],
    ['anything else is not listened to', 'x 2 j ?', []],
    ['^C does not ask', 'ctrl-c', [stop]],
    ['^C twice stops twice', 'ctrl-c ctrl-c', [stop, stop]],
    ['^C goes through a question', 'q ctrl-c', [stop]],
    ['^C goes through a filter', '/ ctrl-c', [stop]],
    ['q asks; s stops', 'q s', [stop]],
    ['q asks; l leaves', 'q l', [{ kind: 'leave' }]],
    ['q asks; escape stays', 'q escape', []],
  ])('%s', (_, presses, orders) => expect(pressing(presses).orders).toEqual(orders))

  it('asks with a question, and closes it with the answer', () => {
    expect(pressing('x').ui.ask).toEqual({ kind: 'stop' })
    expect(pressing('x enter').ui).toMatchObject({ ask: null, notice: notices.stopping })
  })

  it('does not ask again once the run is stopping: it stops at once', () => {
    const { ui, orders } = pressing('x', { stopping: true })
    expect(orders).toEqual([stop])
    expect(ui.notice).toBe(notices.now)
  })
})

describe('a run that another process leads', () => {
  const pressingIn = (presses: string): ReturnType<typeof pressing> => pressing(presses, { mode: 'joined' })
  it.each<[string, string, Order[]]>([
    ['q leaves at once', 'q', [{ kind: 'leave' }]],
    ['so does ^C', 'ctrl-c', [{ kind: 'leave' }]],
    ['and through a question', 'x ctrl-c', [{ kind: 'leave' }]],
    ['x asks, and stops', 'x enter', [{ kind: 'stop' }]],
    ['p steers', 'p', [{ kind: 'steer', act: { kind: 'pause' } }]],
  ])('%s', (_, presses, orders) => expect(pressingIn(presses).orders).toEqual(orders))
  it('does not say that ^C stops it', () => expect(pressingIn('x enter').ui.notice).toBe(notices.asked))
})

describe('steering', () => {
  const steer = (act: Extract<Order, { kind: 'steer' }>['act']): Order => ({ kind: 'steer', act })
  it.each<[string, string, Order[]]>([
    ['p pauses, and resumes', 'p p', [steer({ kind: 'pause' }), steer({ kind: 'resume' })]],
    ['+ asks first', '+', []],
    ['d and enter leaves it to its stage', 'd enter', [{ kind: 'detach' }]],
    ['d and esc leaves it here', 'd escape', []],
    ['+ and enter is a tenth more', '+ enter', [steer({ kind: 'scale', scale: 1.1 })]],
    ['- and enter is a tenth less', '- enter', [steer({ kind: 'scale', scale: 0.9 })]],
    ['+ in the question goes on', '+ + + - enter', [steer({ kind: 'scale', scale: 1.2 })]],
    ['escape leaves it as it was', '+ escape', []],
    [
      'tenths add up without a rest',
      '+ enter + enter + enter',
      [1.1, 1.2, 1.3].map((scale) => steer({ kind: 'scale', scale })),
    ],
    ['n asks, n again ends the phase', 'n n', [steer({ kind: 'end-phase' })]],
    ['n and escape does not', 'n escape', []],
  ])('%s', (_, presses, orders) => expect(pressing(presses).orders).toEqual(orders))

  it('does not go below a tenth', () => {
    const presses = `- ${'- '.repeat(20)}enter`
    expect(pressing(presses).orders).toEqual([steer({ kind: 'scale', scale: 0.1 })])
  })

  it.each(['p', '+', '-', 'n'])('%s says so where it is not possible', (press) => {
    const { ui, orders } = pressing(press, { mode: 'run' })
    expect(orders).toEqual([])
    expect(ui).toEqual({ ...firstUi, notice: notices.fixed })
  })
})

describe('a replay', () => {
  const play = (act: Extract<Order, { kind: 'play' }>['act']): Order => ({ kind: 'play', act })
  it.each<[string, string, Order[]]>([
    ['p holds it', 'p', [play({ kind: 'hold' })]],
    ['+ and - change its speed, without asking', '+ -', [play({ kind: 'faster' }), play({ kind: 'slower' })]],
    [', . < > seek', ', . < >', [-10, 10, -60, 60].map((by) => play({ kind: 'seek', by }))],
    ['q leaves at once', 'q', [{ kind: 'leave' }]],
    ['so does ^C', 'ctrl-c', [{ kind: 'leave' }]],
    ['what stops or steers a run is not there', 'x n', []],
  ])('%s', (_, presses, orders) => expect(pressing(presses, { mode: 'replay' }).orders).toEqual(orders))
})

it('w asks for a snapshot', () => expect(pressing('w').orders).toEqual([{ kind: 'snapshot' }]))
it('what was said goes with the next press', () => expect(pressing('x enter j').ui.notice).toBe(null))
