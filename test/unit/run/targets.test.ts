import { expect, it } from 'vitest'
import { type Resolve, strangersAmong } from '../../../src/run/targets.ts'

const KNOWN: Record<string, string[]> = {
  'own.example': ['10.0.0.1', 'fd12::1'],
  'half.example': ['10.0.0.1', '203.0.113.1'],
  'public.example': ['203.0.113.1'],
  'evil.example': ['203.0.113.1', '169.254.169.254'],
  'listed.example': ['203.0.113.1'],
}

async function strangers(hosts: readonly string[], allow: string[] = [], isProxied = false): Promise<string[]> {
  const asked: string[] = []
  const resolve: Resolve = async (name) => {
    asked.push(name)
    return KNOWN[name] ?? []
  }
  const named = hosts.map((host) => ({ host, at: { file: 'script.yml' } }))
  const found = await strangersAmong(named, allow, { resolve, isProxied })
  expect(asked.filter((name) => allow.includes(name))).toEqual([])
  return found.map(({ host, why, addresses }) => [host, why, ...addresses].join(' '))
}

it('what is private may be gone to, by its address or by a name that leads there alone', async () => {
  expect(await strangers(['127.0.0.1', 'localhost', '::1', '10.1.2.3', 'own.example'])).toEqual([])
})

it('what is public may be when it is listed', async () => {
  expect(await strangers(['public.example', 'listed.example', '203.0.113.9'], ['listed.example'])).toEqual([
    ...['public.example unlisted 203.0.113.1', '203.0.113.9 unlisted'],
  ])
})

it('what leads somewhere public as well is public, and what leads nowhere must be listed', async () => {
  expect(await strangers(['half.example', 'gone.example'])).toEqual([
    ...['half.example unlisted 10.0.0.1 203.0.113.1', 'gone.example unlisted'],
  ])
})

it('what leads to a metadata service may never be', async () => {
  expect(
    await strangers(['evil.example', '169.254.169.254', 'metadata.google.internal'], ['*.google.internal']),
  ).toEqual([
    ...[
      'evil.example metadata 203.0.113.1 169.254.169.254',
      '169.254.169.254 metadata',
      'metadata.google.internal metadata',
    ],
  ])
})

it('a name that a proxy looks up must be listed, wherever it leads here', async () => {
  expect(await strangers(['own.example', 'localhost', '127.0.0.1'], [], true)).toEqual(['own.example unlisted'])
})
