import { describe, expect, it } from 'vitest'
import { line } from '../../../src/dashboard/line.ts'
import { Painter } from '../../../src/dashboard/panels/painter.ts'

/** What was written, with each ESC as `^`. */
function painted(...screens: (readonly string[] | 'forget')[]): string[] {
  const written: string[] = []
  const write = (text: string): boolean => written.push(text.replaceAll('\u001b', '^')) > 0
  const painter = new Painter({ write } as Pick<NodeJS.WriteStream, 'write'>, 1)
  for (const screen of screens) {
    if (screen === 'forget') painter.forget()
    else painter.paint(screen.map((text) => line(text)))
  }
  return written
}
const once = (lines: string): string => `^[?2026h^[?7l${lines}^[?7h^[H^[?2026l`

describe('the painter', () => {
  it('paints all lines of a first screen, in one piece', () => {
    expect(painted(['one', 'two'])).toEqual([once('^[1Hone^[2Htwo')])
  })

  it('paints of the next screen those that have changed, and nothing when none has', () => {
    const screens = painted(['one', 'two', 'three'], ['one', 'TWO', 'three'], ['one', 'TWO', 'three'])
    expect(screens.slice(1)).toEqual([once('^[2HTWO')])
  })

  it('paints a line that was not there before', () => {
    expect(painted(['one'], ['one', 'two']).slice(1)).toEqual([once('^[2Htwo')])
  })

  it('paints all of them when the terminal may show something else', () => {
    expect(painted(['one', 'two'], 'forget', ['one', 'two']).at(-1)).toBe(once('^[1Hone^[2Htwo'))
  })
})
