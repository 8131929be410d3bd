/**
 * A long fuzz of the answer parser: `node test/fuzz/http1.ts [count] [seed]`. Half of the answers are whole and must give what they were
 * made of; half are spoilt and must meet the fate they meet in node's own client. Prints what differs, with the seed that repeats it.
 */
import { anyAnswer, Dice, pieces, spoilt, verdictOf } from '../support/answers.ts'
import { NodeClient, OurClient, type Verdict } from '../support/verdicts.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000)
const LIMITS = [16_384, 400, 150]

const clients = LIMITS.map((limit) => ({ our: new OurClient(limit), node: new NodeClient(limit) }))
const first = clients[0] as (typeof clients)[number]
const fates = new Map<string, number>()
let differing = 0
let slowest = 0
const began = performance.now()

/** One answer; what differs, or null. */
function differs(dice: Dice): { sent: Buffer[]; isHead: boolean; our: Verdict; expected: Verdict } | null {
  const answer = anyAnswer(dice)
  const { isHead } = answer
  if (dice.once(2)) {
    const sent = pieces(dice, Buffer.from(answer.text, 'latin1'))
    const our = first.our.receive(sent, isHead)
    const expected = verdictOf(answer)
    note('whole')
    return same(our, expected as Verdict) ? null : { sent, isHead, our, expected }
  }
  const { our: ours, node } = dice.once(4) ? dice.pick(clients) : first
  const text = spoilt(dice, dice.once(8) ? answer.text + anyAnswer(dice).text : answer.text)
  const sent = pieces(dice, Buffer.from(text, 'latin1'))
  const our = ours.receive(sent, isHead)
  const expected = node.receive(sent, isHead)
  note(`${our.end} ${our.code}`)
  return same(our, expected) ? null : { sent, isHead, our, expected }
}

function same(a: Verdict, b: Verdict): boolean {
  const { rawHeaders } = a
  if (rawHeaders.length !== b.rawHeaders.length) return false
  for (let i = 0; i < rawHeaders.length; i++) if (rawHeaders[i] !== b.rawHeaders[i]) return false
  return (
    a.end === b.end &&
    a.code === b.code &&
    a.reason === b.reason &&
    a.status === b.status &&
    a.statusText === b.statusText &&
    a.body === b.body &&
    a.keepsAlive === b.keepsAlive &&
    a.isAlone === b.isAlone
  )
}

const note = (fate: string): void => void fates.set(fate, (fates.get(fate) ?? 0) + 1)

for (let n = 0; n < count; n++) {
  const from = performance.now()
  const found = differs(new Dice(seed + n))
  slowest = Math.max(slowest, performance.now() - from)
  if (found === null) continue
  if (++differing > 10) continue
  console.log(`differs: node test/fuzz/http1.ts 1 ${seed + n}`)
  console.log(
    found.sent
      .map((piece) => JSON.stringify(piece.toString('latin1')).slice(0, 600))
      .slice(0, 12)
      .join('\n'),
    found.isHead ? '(HEAD)' : '',
  )
  console.log('ours', found.our, '\nexpected', found.expected)
}
const seconds = (performance.now() - began) / 1000
for (const [fate, times] of [...fates].sort((a, b) => b[1] - a[1])) console.log(String(times).padStart(10), fate)
console.log(
  `${count} answers, seed ${seed}, ${seconds.toFixed(1)} s, slowest ${slowest.toFixed(1)} ms, ${differing} differ`,
)
process.exitCode = differing > 0 ? 1 : 0
