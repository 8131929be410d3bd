/** What a process prints, cut into messages. */

/** Lines of text. */
export function lineCutter(say: (line: string) => void): (chunk: Buffer) => void {
  let pending = ''
  return (chunk) => {
    const lines = (pending + chunk.toString()).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) say(line)
  }
}

const HEAD = 16

/** The runtime client's own messages, of several lines maybe: kind (4 bytes), length (4), time (8), text. */
export function messageCutter(say: (message: string) => void): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0)
  return (chunk) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= HEAD && pending.length >= HEAD + pending.readInt32BE(4)) {
      const end = HEAD + pending.readInt32BE(4)
      say(pending.subarray(HEAD, end).toString().trimEnd())
      pending = pending.subarray(end)
    }
  }
}
