import { createHash } from 'node:crypto'
import { strToU8, unzipSync } from 'fflate'
import { afterEach, expect, test, vi } from 'vitest'
import { zipped } from '../../../src/stack/zip.ts'

afterEach(() => vi.unstubAllEnvs())

test('the zip holds the worker as the module that the handler is named after', () => {
  const { bytes, sha256 } = zipped({ 'index.mjs': strToU8('export const handler = 1') })
  expect(unzipSync(bytes)).toEqual({ 'index.mjs': strToU8('export const handler = 1') })
  expect(sha256).toBe(createHash('sha256').update(bytes).digest('base64'))
})

test('the same worker is the same to the byte, in any time zone and at any time', async () => {
  const hashes = ['UTC', 'Asia/Kolkata', 'America/New_York'].map((zone) => {
    vi.stubEnv('TZ', zone)
    return zipped({ 'index.mjs': strToU8('the worker') }).sha256
  })
  expect(new Set(hashes)).toEqual(new Set([hashes[0]]))
  expect(hashes[0]).toBe('zTNJNNvvIqH9E0CgWjTfoyZTUZ4Vh/oVO8Msjh3YuLc=')
})

test('another worker is another zip', () => {
  expect(zipped({ 'index.mjs': strToU8('a') }).sha256).not.toBe(zipped({ 'index.mjs': strToU8('b') }).sha256)
})
