/** A disk that can be filled: a small tmpfs of the test's own. To mount one takes root. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Disk = {
  folder: string
  /** Leaves no room for a block. */
  fill(): void
  /** Takes away what `fill` has put there. */
  clear(): void
}

const SIZE = '4m'

/** Who a test tells what to do at its end: tests that run side by side have it from their context. */
export type Ending = (last: () => void) => void

/** It is gone when the test is over. */
export function smallDisk(onTestFinished: Ending): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'slsart-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder])
  onTestFinished(() => {
    // What still has a file open there keeps it until it ends.
    execFileSync('umount', ['--lazy', folder])
    rmdirSync(folder)
  })
  const filler = join(folder, 'filler')
  return {
    folder,
    fill() {
      for (let room = true; room; ) room = hasRoom(() => appendFileSync(filler, Buffer.alloc(4096)))
    },
    clear: () => rmSync(filler),
  }
}

function hasRoom(write: () => void): boolean {
  try {
    write()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return false
  }
}
