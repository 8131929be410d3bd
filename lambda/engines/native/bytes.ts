/** Which byte may stand where in an answer, as llhttp's default strictness has it. */

/** In a header's name, or the name of a chunk extension. */
export const NAME = 1
/** In a header's value. */
export const VALUE = 2
/** In a quoted string. */
export const QUOTED = 4

export const HTAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const SEMICOLON = 0x3b
export const EQUALS = 0x3d
export const BACKSLASH = 0x5c

/** What each byte may be. */
export const BYTES: Uint8Array = new Uint8Array(256)
/** The value of a hexadecimal digit, 16 of anything else. */
export const HEX: Uint8Array = new Uint8Array(256).fill(16)

const TOKEN = /[!#$%&'*+\-.^_`|~A-Za-z0-9]/
for (let byte = 0; byte < 256; byte++) {
  const char = String.fromCharCode(byte)
  const visible = byte === HTAB || (byte >= SPACE && byte !== 0x7f)
  BYTES[byte] =
    (TOKEN.test(char) ? NAME : 0) |
    (visible ? VALUE : 0) |
    (visible && byte !== QUOTE && byte !== BACKSLASH ? QUOTED : 0)
  if (/[0-9a-fA-F]/.test(char)) HEX[byte] = Number.parseInt(char, 16)
}

/** Whether the bytes from there on are `word`, in any case; `word` is lower case, letters and hyphens. */
export function isWord(bytes: Uint8Array, from: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (((bytes[from + i] as number) | 0x20) !== word.charCodeAt(i)) return false
  return true
}
