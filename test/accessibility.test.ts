import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeBrowser, hasChromium, launchChromium } from '../bench/console.ts'
import { CITY_RULE } from '../contract/alone.ts'
import { openOrder } from '../contract/order-actions.ts'
import { type Rehearsal, rehearse } from '../dashboard/rehearsal.ts'
import { seedVillages } from './seeded-villages.ts'

/** Whoever works with the keyboard, a screen reader or tired eyes: axe looks at every page of the console. */

const isCi = process.env.CI === 'true'
const hasConsole = hasChromium() && existsSync(join(import.meta.dirname, '../dist/web/assets'))
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PAGES = [
  '/',
  '/devices',
  '/incidents',
  '/homes',
  '/hazards',
  '/duty',
  '/alone',
  '/water/orders',
  '/water/orders/wo',
  '/water/plants',
  '/water/plants/works',
  '/devices/meter',
  '/channels',
  '/water',
  '/water/zones/v-wang',
  '/water/first',
  '/quarantine',
  '/audit',
  '/users',
  '/account',
  '/system',
]

const NOBODY = { residentId: null, rule: CITY_RULE, contacts: [] }

/** By night only the colours are others. */
const RULES = {
  light: "{ resultTypes: ['violations'] }",
  dark: "{ runOnly: ['color-contrast'], resultTypes: ['violations'] }",
} as const
/** Two dozen pages, by day and by night. */
const PATIENCE_MS = 180_000
/** A page on which nothing has changed for so long is drawn. */
const QUIET_MS = 150

let stage: Rehearsal
let browser: Awaited<ReturnType<typeof launchChromium>> | undefined
beforeAll(async () => {
  stage = await rehearse()
})
afterAll(async () => {
  await closeBrowser(browser)
  await stage.end()
})

async function aPlantAndARepair(): Promise<void> {
  const nowhere = { parentId: null, lon: null, lat: null, contact: null }
  await stage.stores.registry.putPlaces([{ ...nowhere, id: 'works', kind: 'plant', name: '第二水厂' }])
  await stage.addDevices(
    { id: 'tank', kind: 'level-sensor', placeId: 'works' },
    { id: 'meter', kind: 'water-meter', placeId: 'works' },
  )
  const facts = { subject: 'meter', subjectId: 'meter', placeId: 'works', alarmId: null, note: '路面渗水' } as const
  const { order, events } = openOrder({ id: 'wo', ...facts, since: 0, m3h: 1, assignee: '一队', dueAt: 1 }, 'wang', 1)
  await stage.stores.workOrders.open(order, events)
}

/** As a click does: the page is not loaded anew. Resolves when what it asks for has come and is drawn. */
async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', '${path}'); dispatchEvent(new PopStateEvent('popstate'))`)
  await page.locator('main, .sheet').first().waitFor()
  await page.evaluate(`new Promise((resolve) => {
    let timer = setTimeout(resolve, ${QUIET_MS})
    new MutationObserver(() => {
      clearTimeout(timer)
      timer = setTimeout(resolve, ${QUIET_MS})
    }).observe(document.body, { childList: true, subtree: true })
  })`)
}

/** Each serious fault of these rules: the rule, how often, and the first element. */
async function faults(page: Page, rules: string): Promise<readonly string[]> {
  // The page's own policy lets no script in; the debugger may.
  await page.evaluate(AXE)
  const { violations } = (await page.evaluate(`axe.run(${rules})`)) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id} ×${nodes.length}: ${nodes[0]?.html.slice(0, 200)}`)
}

it.skipIf(!hasConsole && !isCi)(
  'finds no serious fault on any page, by day and by night (Chromium)',
  async () => {
    await seedVillages(stage, Date.now())
    const incident = await stage.openIncident({ alarms: 3, devices: 3 })
    await aPlantAndARepair()
    await stage.stores.alone.put([{ deviceId: 'meter', placeId: 'works', ...NOBODY }], 'wang', 1)
    const [name = '', value = ''] = (await stage.signIn('wang', 'admin')).split('=')
    browser = await launchChromium()
    const found: Record<string, readonly string[]> = {}
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ locale: 'zh-CN', colorScheme, reducedMotion: 'reduce' })
      await context.addCookies([{ name, value, url: stage.dashboard.url, sameSite: 'Strict' }])
      const page = await context.newPage()
      await page.goto(`${stage.dashboard.url}/devices`)
      for (const path of [...PAGES, `/incidents/${incident.id}`, `/incidents/${incident.id}/report`]) {
        await goTo(page, path)
        const list = await faults(page, RULES[colorScheme])
        if (list.length > 0) found[`${colorScheme} ${path}`] = list
      }
      await context.close()
    }
    expect(found).toEqual({})
  },
  PATIENCE_MS,
)
