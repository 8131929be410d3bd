import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What tests start over and over, each in a process of its own, is compiled once: a tenth of what a run takes of the processor. */
export const COMPILED_ONCE: Record<string, string> = { NODE_COMPILE_CACHE: join(tmpdir(), 'slsart-compile-cache') }
