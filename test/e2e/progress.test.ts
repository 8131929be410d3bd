/** What is told of a run while it goes on, where there is no terminal. */
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { run, workFolder } from '../support/cli.ts'

const script = (target: string): string => `config:
  target: ${target}
  phases: [{ name: first, duration: 6, arrivalRate: 10 }, { name: second, duration: 6, arrivalRate: 5 }]
  slsart: { thresholds: [{ expression: launched < 40 }] }
scenarios: [{ flow: [{ get: { url: /items/1 } }] }]
`

async function told(progress: string[]): Promise<string[]> {
  const target = await startTarget()
  const folder = workFolder({ 'script.yml': script(target.url) })
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '2', ...progress]
  const { stderr } = await run(folder, args, { CI: '' })
  await target.close()
  return stderr.trimEnd().split('\n')
}

test.concurrent('a line every ten seconds, always of the same parts, and what happens when it does', async () => {
  const lines = (await told([])).filter((line) => !line.startsWith('note: '))
  const texts = lines.filter((line) => !line.startsWith('warming up: '))
  expect(lines.length - texts.length).toBeLessThanOrEqual(3)
  expect(texts.map((line) => line.replaceAll(/\d+(\.\d+)?/g, '#'))).toEqual([
    '# s: phase "first" begins',
    '# s: threshold launched < # does not hold',
    '# s: phase "second" begins',
    '# s of # · phase second · launched # of # (#/s) · answered # (#/s) · failed # · in flight # · response p# # p# # ms · lateness p# # ms · workers ok # of #',
    '# s: the run is over',
  ])
  const line = texts.find((line) => line.startsWith('10 s of 12')) ?? ''
  expect(line).toMatch(/launched (79|8\d) of 90/)
})

test.concurrent('one object a second, under the report’s names', async () => {
  const moments = (await told(['--progress', 'json']))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { stage: string; at: number; ledger: { launched: number }; workers: object })
  const running = moments.filter(({ stage, at }) => stage === 'running' && at > 0)
  expect(running.length).toBeGreaterThanOrEqual(11)
  expect(moments.at(-1)).toMatchObject({ stage: 'over', ledger: { launched: 90 }, workers: { reported: 2 } })
  expect(running.at(-1)).toMatchObject({
    plan: { arrivals: 90, workers: 2 },
    epochs: [],
    workers: { planned: 2, lost: 0, late: 0, silent: 0 },
  })
})

test.concurrent('nothing', async () => {
  const [quiet, none] = await Promise.all([told(['-q']), told(['--progress', 'none'])])
  expect(quiet).toEqual([''])
  expect(none.filter((line) => line !== '' && !line.startsWith('note: '))).toEqual([])
})
