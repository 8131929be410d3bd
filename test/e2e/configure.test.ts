import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, workFolder } from '../support/cli.ts'

test('configure writes the settings as a file to edit, once, and deploy is held to it', async () => {
  const folder = workFolder()
  const written = await run(folder, ['configure', '--stage', 'load', '--tags', 'team=checkout'])
  expect(written).toMatchObject({ code: 0, stdout: 'slsart.config.yml is written. Edit it, then: slsart deploy\n' })
  const text = readFileSync(join(folder, 'slsart.config.yml'), 'utf8')
  expect(text).toContain('# which of several deployments (dev)\nstage: load\n')
  expect(text).toContain('\n#memory: 1769\n')
  expect(text).toContain('\ntags:\n  team: checkout\n')

  const again = await run(folder, ['configure'])
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('slsart.config.yml is there already') })
  expect(readFileSync(join(folder, 'slsart.config.yml'), 'utf8')).toBe(text)
})

test('a wrong setting is refused before AWS is asked: in the file with its place, and in the environment', async () => {
  const folder = workFolder({ 'slsart.config.yml': 'stage: load\nmemry: 1024\n' })
  const inFile = await run(folder, ['deploy'])
  expect(inFile.code).toBe(2)
  expect(inFile.stderr).toContain('slsart: slsart.config.yml:2:1: unknown setting "memry"\n  Did you mean "memory"?')
  const inEnvironment = await run(workFolder(), ['deploy'], { SLSART_MEMORY: '64' })
  expect(inEnvironment.code).toBe(2)
  expect(inEnvironment.stderr).toContain('--memory must be from 128 to 10240 (MB), found 64')
})
