/**
 * The code of functions, by version. moto keeps none that can be run: uploads are noted as they pass, unpacked when an
 * environment needs them, and given back at GetFunction's `Code.Location`.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { strToU8, unzipSync, zipSync } from 'fflate'

const LATEST = '$LATEST'

export class CodeStore {
  private readonly root = mkdtempSync(join(tmpdir(), 'slsart-code-'))
  private readonly zips = new Map<string, Buffer>()
  private readonly layers = new Map<string, Buffer>()

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

  putLayer(arn: string, zip: Buffer): void {
    this.layers.set(arn, zip)
  }

  /** Where a version's files are. */
  folderOf(region: string, name: string, version: string): string {
    const zip = this.get(region, name, version)
    if (zip === null) throw new Error(`no code of ${name}:${version} has passed the stand-in`)
    return this.unpacked([zip])
  }

  /** Where the files of layers are, those of later ones over those of earlier ones. */
  folderOfLayers(arns: readonly string[]): string {
    return this.unpacked(arns.flatMap((arn) => this.layers.get(arn) ?? []))
  }

  /** Unpacked once. */
  private unpacked(zips: readonly Buffer[]): string {
    const hash = createHash('sha256')
    for (const zip of zips) hash.update(zip)
    const folder = join(this.root, hash.digest('hex').slice(0, 16))
    if (existsSync(folder)) return folder
    mkdirSync(folder)
    for (const [path, bytes] of zips.flatMap((zip) => Object.entries(unzipSync(zip)))) {
      if (path.endsWith('/')) continue
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), bytes)
    }
    return folder
  }

  /** The functions that there still are; the others' code is forgotten. */
  keep(region: string, names: ReadonlySet<string>): void {
    for (const key of this.zips.keys()) {
      const [of, name = ''] = key.split(' ')
      if (of === region && !names.has(name)) this.zips.delete(key)
    }
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
