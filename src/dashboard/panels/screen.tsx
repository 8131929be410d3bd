/** Draws a screen's lines as they are. */
import { Box, Text, useInput } from 'ink'
import type { ReactNode } from 'react'
import type { Line } from '../line.ts'
import { type Depth, painted } from '../marks.ts'

type Props = { lines: readonly Line[]; depth: Depth }

export const Screen = ({ lines, depth }: Props): ReactNode => (
  <Box flexDirection="column">
    {lines.map((line, row) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its number
      <Text key={row} wrap="truncate">
        {line.map(({ text, tone }) => painted(text, tone, depth)).join('')}
      </Text>
    ))}
  </Box>
)

/** Hears what is pressed, by the names of the key table. */
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
