/**
 * A fuzz of whole flows: `node test/fuzz/flows.ts [scripts] [seed] [seconds]`. Scripts and servers' behaviours by chance, each through
 * Artillery's engine and through the native one; what the server saw and what was counted must be the same, but for the known differences
 * of flows/differences.ts. Prints of the first disagreement the least script that still shows it.
 */
import { Dice } from '../support/answers.ts'
import type { Case } from './flows/case.ts'
import { type Difference, differencesOf } from './flows/differences.ts'
import { bundledEngines } from './flows/engines.ts'
import { outside, runCase } from './flows/run.ts'
import { caseBy } from './flows/script.ts'
import { shrunk } from './flows/shrink.ts'

const scripts = Number(process.argv[2] ?? 1_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000)
const seconds = Number(process.argv[4] ?? Number.POSITIVE_INFINITY)
/** So often two engines are asked again whether they differ: where timing decides, Artillery does not always agree with itself. */
const AGAIN = 4
const SHRINKING_SECONDS = 40

// The plugins of Artillery work in workers only.
process.env.LOCAL_WORKER_ID = '1'
const engineOf = await bundledEngines()
const began = performance.now()
const counts = { scripts: 0, outside: 0, requests: 0, known: new Map<string, number>(), unsteady: 0 }
const disagreements: { plan: Case; left: Difference[] }[] = []
const all = process.env.FUZZ_ALL !== undefined

async function compared(plan: Case): Promise<{ left: Difference[]; known: Set<string>; requests: number }> {
  const theirs = await runCase(plan, 'artillery', engineOf)
  const ours = await runCase(plan, 'native', engineOf)
  return { ...differencesOf({ plan, theirs, ours }), requests: theirs.requests + ours.requests }
}

/** Whether they differ each time, and in something of those. */
async function differs(plan: Case, among: ReadonlySet<string>, times: number): Promise<boolean> {
  if (outside(plan) !== null) return false
  for (let i = 0; i < times; i++) if (!(await compared(plan)).left.some(({ at }) => among.has(at))) return false
  return true
}

const placesOf = (left: readonly Difference[]): Set<string> => new Set(left.map(({ at }) => at))

for (let n = 0; n < scripts && performance.now() - began < seconds * 1000; n++) {
  const plan = caseBy(new Dice(seed + n), seed + n)
  if (outside(plan) !== null) {
    counts.outside++
    continue
  }
  const { left, known, requests } = await compared(plan)
  counts.scripts++
  counts.requests += requests
  for (const why of known) counts.known.set(why, (counts.known.get(why) ?? 0) + 1)
  if (left.length === 0) continue
  if (!(await differs(plan, placesOf(left), AGAIN))) {
    counts.unsteady++
    continue
  }
  disagreements.push({ plan, left })
  console.log(`disagrees: node test/fuzz/flows.ts 1 ${seed + n}\n${shown(left)}`)
  if (!all) break
}

const [first] = disagreements
if (first !== undefined && !all) {
  const least = await shrunk(first.plan, (smaller) => differs(smaller, placesOf(first.left), 2), SHRINKING_SECONDS)
  console.log(`the least that disagrees:\n${JSON.stringify(least)}\n${shown((await compared(least)).left)}`)
}
for (const [why, times] of counts.known) console.log(String(times).padStart(8), why)
const took = ((performance.now() - began) / 1000).toFixed(1)
console.log(
  `seed ${seed}: ${counts.scripts} scripts, ${counts.requests} requests, ${took} s, ${counts.outside} outside the set, ` +
    `${counts.unsteady} where timing decides, ${disagreements.length} disagree`,
)
process.exit(disagreements.length > 0 ? 1 : 0)

function shown(left: readonly Difference[]): string {
  const short = (value: string | undefined): string => JSON.stringify(value)?.slice(0, 700) ?? '(nothing)'
  return left
    .slice(0, 8)
    .map(({ at, theirs, ours }) => `  ${at}\n    Artillery ${short(theirs)}\n    native    ${short(ours)}`)
    .join('\n')
}
