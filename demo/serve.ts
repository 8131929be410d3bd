/** `npm run target`: the demo's target by itself, until ^C; says at the end what it counted. */
import { startTarget } from './target.ts'

const port = Number(process.argv[2] ?? 8080)
const target = await startTarget(port)
console.log(`demo target on ${target.url}; ^C ends it`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    console.log(`${target.total()} requests`)
    void target.close()
  })
}
