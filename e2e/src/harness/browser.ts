import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** `CHROMIUM_PATH`, or Debian's; null where there is none. */
export function chromiumPath(): string | null {
  return process.env['CHROMIUM_PATH'] ?? candidates.find((path) => existsSync(path)) ?? null
}

/** Whether browser tests can run. Loud where not, and never quiet in CI: there a missing browser is a failure. */
export function hasBrowser(): boolean {
  if (chromiumPath() !== null) return true
  if (process.env['CI'] === 'true') throw new Error('CI needs Chromium: apt-get install chromium')
  console.warn('\n*** Browser tests are SKIPPED: install Chromium or set CHROMIUM_PATH ***\n')
  return false
}

export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === null) throw new Error('There is no Chromium')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
