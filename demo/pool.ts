/** `node demo/pool.ts`: a function called on workers, many items at a time, and their results as they come. `--lambda`: on the stage that is deployed. */
import { availableParallelism } from 'node:os'
import { lambdaFleet, localFleet } from 'slsart'
import type { Range } from './primes.ts'

const MOST = 20_000_000
const PIECE = 2_500_000

const make = process.argv.includes('--lambda') ? lambdaFleet : localFleet
const fleet = make<typeof import('./primes.ts')>({ module: new URL('./primes.ts', import.meta.url), timeout: 60_000 })

function* ranges(): Generator<Range> {
  for (let from = 0; from < MOST; from += PIECE) yield { from, to: from + PIECE }
}

let total = 0
try {
  const options = { maxConcurrency: availableParallelism(), toleratedFailures: 1 }
  for await (const outcome of fleet.map('primes', ranges(), options)) {
    if (outcome.state === 'failed') console.error(outcome.error.toText())
    else {
      total += outcome.value.count
      console.log(`from ${outcome.value.from}: ${outcome.value.count}`)
    }
  }
} finally {
  await fleet.close()
}
console.log(`${total} primes below ${MOST}`)
