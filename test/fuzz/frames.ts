/**
 * A long fuzz of what the conductor hears: `node test/fuzz/frames.ts [count] [seed]`. Streams of workers, sound and spoilt at every depth, go
 * through the decoder, the inflation, the frame's reader, the totals and the reducer. Each is heard or refused: nothing else is thrown, nothing
 * takes long, memory stays, and no object learns anything from a name. Prints what breaks that, with the seed that repeats it.
 */
import { Dice } from '../support/answers.ts'
import { anyStream, Hearer } from '../support/frames.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000)
/** One run's worth; its names are forgotten then, as they are with a run. */
const A_RUN = 20_000
const LONGEST_MS = 2_000

// Most streams are refused: a stack for each would be half of the time.
if (count > 1) Error.stackTraceLimit = 0
const hearer = new Hearer()
const fates = new Map<string, number>()
const own = Object.getOwnPropertyNames(Object.prototype).length
let wrong = 0
let slowest = { ms: 0, seed: 0 }
let most = 0
const began = performance.now()

const broken = (what: string, at: number): void => {
  if (++wrong <= 10) console.log(`${what}: node test/fuzz/frames.ts 1 ${at}`)
}

/** Once more by itself: the machine may have been at something else. */
function isSlow(at: number): boolean {
  const dice = new Dice(at)
  const [stream, other, from] = [anyStream(dice), new Hearer(), performance.now()]
  try {
    other.hear(stream, dice)
  } catch {}
  return performance.now() - from > LONGEST_MS
}

for (let n = 0; n < count; n++) {
  const dice = new Dice(seed + n)
  const stream = anyStream(dice)
  const from = performance.now()
  try {
    const fate = hearer.hear(stream, dice)
    fates.set(fate, (fates.get(fate) ?? 0) + 1)
  } catch (error) {
    broken((error as Error).stack || String(error), seed + n)
  }
  const ms = performance.now() - from
  if (ms > slowest.ms) slowest = { ms, seed: seed + n }
  if (ms > LONGEST_MS && isSlow(seed + n)) broken(`${ms.toFixed(0)} ms`, seed + n)
  if (n % A_RUN !== A_RUN - 1) continue
  most = Math.max(most, process.memoryUsage.rss())
  if (Object.getOwnPropertyNames(Object.prototype).length !== own) broken('a prototype is polluted', seed + n)
  hearer.forget()
  // What zlib has held is given back between turns.
  await new Promise((resolve) => setImmediate(resolve))
}
const seconds = (performance.now() - began) / 1000
for (const [fate, times] of [...fates].sort((a, b) => b[1] - a[1])) console.log(String(times).padStart(10), fate)
console.log(
  `${count} streams, seed ${seed}, ${seconds.toFixed(1)} s, slowest ${slowest.ms.toFixed(1)} ms (${slowest.seed}), ` +
    `most memory ${(most / 2 ** 20).toFixed(0)} MB, ${wrong} broken`,
)
process.exitCode = wrong > 0 ? 1 : 0
