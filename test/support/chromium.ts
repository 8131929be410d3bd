/** Debian's Chromium, as the HTML report's readers may have it. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

export function openChromium(): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(`there is no ${executablePath}: apt-get install chromium, or name another in CHROMIUM`)
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}
