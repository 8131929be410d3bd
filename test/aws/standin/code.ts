/**
 * The code of functions, by version. moto keeps none that can be run: uploads are noted as they pass, unpacked when an
 * environment needs them, and given back at GetFunction's `Code.Location`.
 */

import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { strToU8, unzipSync, zipSync } from 'fflate'
import type { Configuration } from './configuration.ts'

const LATEST = '$LATEST'

export class CodeStore {
  private readonly root = mkdtempSync(join(tmpdir(), 'slsart-code-'))
  private readonly zips = new Map<string, Buffer>()
  private readonly folders = new Map<string, string>()

  /** What is uploaded is the code of $LATEST. */
  put(region: string, name: string, zip: Buffer): void {
    this.zips.set(`${region} ${name} ${LATEST}`, zip)
  }

  /** A template's inline code: one file, CommonJS. */
  putInline(region: string, name: string, source: string): void {
    this.put(region, name, Buffer.from(zipSync({ 'index.js': strToU8(source) })))
  }

  /** The version keeps the code that $LATEST has now. */
  publish(region: string, name: string, version: string): void {
    const zip = this.get(region, name, LATEST)
    if (zip && version !== LATEST) this.zips.set(`${region} ${name} ${version}`, zip)
  }

  get(region: string, name: string, version: string): Buffer | null {
    return this.zips.get(`${region} ${name} ${version}`) ?? null
  }

  /** Where a version's files are, unpacked once. */
  async folderOf({ region, name, version }: Configuration): Promise<string> {
    const zip = this.get(region, name, version)
    if (zip === null) throw new Error(`no code of ${name}:${version} has passed the stand-in`)
    const hash = createHash('sha256').update(zip).digest('hex')
    const known = this.folders.get(hash)
    if (known !== undefined) return known
    const folder = join(this.root, hash.slice(0, 16))
    for (const [path, bytes] of Object.entries(unzipSync(zip))) {
      if (path.endsWith('/')) continue
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), bytes)
    }
    this.folders.set(hash, folder)
    return folder
  }

  clear(): void {
    this.zips.clear()
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** As Lambda says it: the SHA-256 of the zip in base64. */
export const codeSha256 = (zip: Buffer): string => createHash('sha256').update(zip).digest('base64')
