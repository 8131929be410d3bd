import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestCase } from 'vitest/node'

/**
 * What sends load and looks at the clock may be tried twice in CI, whose machine may stand still for a second. `SecondTries` names what needed it.
 * Laws and units may not.
 */
export const RETRY = process.env.CI ? 1 : 0

/** Adds to `file` a line for each test that only its second try has passed, with why the first has not: for .ci/run's last lines. */
export class SecondTries implements Reporter {
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  onTestCaseResult(test: TestCase): void {
    if (!test.diagnostic()?.flaky) return
    const name = `${relative(process.cwd(), test.module.moduleId)}: ${test.fullName}`
    const why = (test.result().errors ?? []).map(({ message }) => message.split('\n')[0]).join('; ')
    appendFileSync(this.file, `::: SECOND TRY: ${name}\n    ${why}\n`)
  }
}
