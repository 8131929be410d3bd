import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

type Results = {
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

const LINES = 12

const say = (what: string, why: string) =>
  process.stdout.write(`::: FAILED: ${what}\n    ${why.split('\n').slice(0, LINES).join('\n    ').slice(0, 1500)}\n`)

/** Names what failed in a file of vitest's results, with the beginning of why: for .ci/run's last lines. */
for (const file of (JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as Results).testResults) {
  const name = relative(process.cwd(), file.name)
  if (file.status === 'failed' && file.message) say(name, file.message)
  for (const test of file.assertionResults)
    if (test.status === 'failed') say(`${name}: ${test.fullName}`, test.failureMessages.join('\n'))
}
