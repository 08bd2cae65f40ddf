import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { stateFile } from '../store/files.ts'
import { hashPassword, hashSecret, makeSecret } from '../store/identity.ts'
import { openAccounts } from '../store/state/sqlite.ts'
import type { System } from './system.ts'

/** The real console in a real browser, with a dispatcher signed in: for benches and end-to-end tests. */

/** Where Debian's package lays it. */
export const CHROMIUM = '/usr/bin/chromium'
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/** `browser.close()` may hang. */
const CLOSE_TIMEOUT_MS = 5000
/** Until the console is live. */
const CONSOLE_TIMEOUT_MS = 15_000
const SESSION_MS = 3_600_000

export const hasChromium = (path: string = CHROMIUM): boolean => existsSync(path)

export const launchChromium = (path: string = CHROMIUM): Promise<Browser> =>
  chromium.launch({ executablePath: path, headless: true, args: CHROMIUM_ARGS })

export const closeBrowser = async (browser: Browser | undefined): Promise<void> => {
  await Promise.race([browser?.close(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })])
}

/** A dispatcher who is signed in: `session` is the cookie's value, `token` a bearer token of the same rights. */
export async function makeDispatcher(system: System): Promise<{ session: string; token: string }> {
  const accounts = openAccounts(stateFile(system.dataDir))
  const session = makeSecret()
  const token = makeSecret()
  const at = Date.now()
  try {
    const passwordHash = await hashPassword(randomBytes(16).toString('hex'))
    await accounts.addUser({ name: 'night-shift', role: 'dispatcher', passwordHash, createdAt: at })
    await accounts.addSession(hashSecret(session), 'night-shift', at, at + SESSION_MS)
    await accounts.addToken({ name: 'night-shift', role: 'dispatcher', tokenHash: hashSecret(token), createdAt: at })
  } finally {
    await accounts.close()
  }
  return { session, token }
}

/** Opens the console. Resolves when its stream has said where it stands. `prepare` may add scripts before it loads. */
export async function openConsole(
  browser: Browser,
  system: System,
  session: string,
  prepare: (page: Page) => Promise<void> = async () => undefined,
): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1600, height: 900 } })
  await context.addCookies([{ name: 'hydrant', value: session, url: system.httpUrl, sameSite: 'Strict' }])
  const page = await context.newPage()
  await prepare(page)
  const live = page.waitForEvent('websocket', {
    timeout: CONSOLE_TIMEOUT_MS,
    predicate: async (socket) => {
      await socket.waitForEvent('framereceived', {
        timeout: CONSOLE_TIMEOUT_MS,
        predicate: ({ payload }) => payload.includes('"snapshot"'),
      })
      return true
    },
  })
  await Promise.all([live, page.goto(system.httpUrl, { waitUntil: 'load' })])
  return page
}
