/**
 * A file that entries are added to. They are gathered in memory that is used again, and written together: a write for each of a thousand
 * frames a second kept what it had written in memory until V8 collected everything (docs/decisions/013).
 */
import { close, openSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { OWN_FILE } from '../store/folder.ts'
import type { Millis } from '../units.ts'

/** As many bytes are written at once, or what there is after a moment: as much is lost when the process is killed. */
const ENOUGH = 256 * 1024
const MOMENT: Millis = 20

export class LogFile {
  /** Why something could not be written: then nothing after it is, or null. */
  problem: Error | null = null
  /** Bytes that are in the file. */
  written = 0
  private readonly file: number
  private gathered: Buffer = Buffer.allocUnsafeSlow(2 * ENOUGH)
  private length = 0
  private spare: Buffer = Buffer.allocUnsafeSlow(2 * ENOUGH)
  private writing: Promise<void> | null = null
  private timer: NodeJS.Timeout | null = null

  /** A new file. Throws when it is there already, or cannot be made. */
  constructor(path: string) {
    this.file = openSync(path, 'wx', OWN_FILE)
  }

  /** `head` is asked to write so many bytes in front of the payload. */
  append(size: number, head: (into: Buffer, at: number) => void, payload: Uint8Array): void {
    if (this.problem !== null) return
    const at = this.length
    const end = at + size + payload.length
    if (end > this.gathered.length) {
      const wider = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.gathered.length))
      wider.set(this.gathered.subarray(0, at))
      this.gathered = wider
    }
    head(this.gathered, at)
    this.gathered.set(payload, at + size)
    this.length = end
    if (end >= ENOUGH) this.flush()
    else this.timer ??= setTimeout(() => this.flush(), MOMENT)
  }

  /** Resolves when all is written, or cannot be. */
  async close(): Promise<void> {
    this.flush()
    while (this.writing !== null) await this.writing
    try {
      await closed(this.file)
    } catch (error) {
      this.problem ??= error as Error
    }
  }

  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    // What was gathered before the problem was known stays: a `write` without work would be over before it is noted, and waited for for ever.
    if (this.length > 0 && this.problem === null) this.writing ??= this.write()
  }

  /** All that is gathered until it is done. */
  private async write(): Promise<void> {
    while (this.length > 0 && this.problem === null) {
      const { gathered, length } = this
      this.gathered = this.spare
      this.spare = gathered
      this.length = 0
      await this.writeAll(gathered, length)
    }
    this.writing = null
  }

  private async writeAll(bytes: Buffer, length: number): Promise<void> {
    try {
      for (let at = 0; at < length; ) {
        const { bytesWritten } = await writeSome(this.file, bytes, at, length - at)
        at += bytesWritten
        this.written += bytesWritten
      }
    } catch (error) {
      this.problem = error as Error
    }
  }
}

const writeSome = promisify(write)
const closed = promisify(close)
