/** Hears what is pressed, by the names of the key table. */
import { useInput } from 'ink'
import type { ReactNode } from 'react'

export function Keyboard({ press }: { press(name: string): void }): ReactNode {
  useInput((input, key) => {
    const name = nameOf(key)
    if (name !== null) return press(name)
    if (key.ctrl) return input === 'c' ? press('ctrl-c') : undefined
    // What was typed fast, or pasted, comes at once.
    if (!key.meta) for (const sign of input) press(sign)
  })
  return null
}

type Pressed = Parameters<Parameters<typeof useInput>[0]>[1]

function nameOf(key: Pressed): string | null {
  if (key.upArrow) return 'up'
  if (key.downArrow) return 'down'
  if (key.leftArrow) return 'left'
  if (key.rightArrow) return 'right'
  if (key.return) return 'enter'
  if (key.escape) return 'escape'
  if (key.backspace || key.delete) return 'backspace'
  return key.tab ? (key.shift ? 'shift-tab' : 'tab') : null
}
