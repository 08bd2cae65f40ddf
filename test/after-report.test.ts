import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeBrowser, hasChromium, launchChromium } from '../bench/console.ts'
import type { NewEvent } from '../contract/events.ts'
import type { Incident } from '../contract/incidents.ts'
import { type Rehearsal, rehearse } from '../dashboard/rehearsal.ts'

/** The after-report of a long night, printed by a real browser. */

const isCi = process.env.CI === 'true'
const hasConsole = hasChromium() && existsSync(join(import.meta.dirname, '../dist/web/assets'))
/** As long as the forms let anybody write. */
const LONG = '护工正在组织老人向东侧楼梯疏散,两名卧床老人需要抬运。'.repeat(60)

let stage: Rehearsal
let browser: Awaited<ReturnType<typeof launchChromium>> | undefined
beforeAll(async () => {
  stage = await rehearse()
})
afterAll(async () => {
  await closeBrowser(browser)
  await stage.end()
})

/** Sixty acts of people with long words, thirty messages to fifteen channels. */
async function longNight(): Promise<string> {
  const before = await stage.openIncident({ alarms: 40, devices: 40 })
  const at = before.noticedAt + 600_000
  const incident: Incident = {
    ...before,
    state: 'closed',
    closedAt: at,
    closedBy: 'wang',
    disposition: 'real',
    cause: 'electrical',
    closingNote: LONG,
  }
  const event: NewEvent = {
    type: 'incident.commented',
    at,
    commandId: null,
    actor: 'wang',
    incident,
    comment: LONG,
    alarmId: null,
  }
  const message = { incidentId: incident.id, occasion: 'told', step: 0, urgent: true, at, incident: null } as const
  await stage.decide({
    incidents: [incident],
    events: Array.from({ length: 60 }, () => event),
    messages: Array.from({ length: 30 }, (_, i) => ({
      ...message,
      id: `m-${i}`,
      channelId: `c-${i % 15}`,
      channelName: `应急联动单位第 ${i % 15} 号企业微信工作群(消防、公安、交通、供水)`,
    })),
  })
  return incident.id
}

it.skipIf(!hasConsole && !isCi)('prints on one page of A4, whatever was written (Chromium)', async () => {
  const id = await longNight()
  const [name = '', value = ''] = (await stage.signIn('wang', 'dispatcher')).split('=')
  browser = await launchChromium()
  const context = await browser.newContext({ locale: 'zh-CN' })
  await context.addCookies([{ name, value, url: stage.dashboard.url, sameSite: 'Strict' }])
  const page = await context.newPage()
  await page.goto(`${stage.dashboard.url}/incidents/${id}/report`)
  await page.locator('.sheet-story tr').first().waitFor()
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
  expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1)
  // 210 × 297 mm in points.
  expect(pdf).toMatch(/\/MediaBox\s*\[0 0 59[45]\.\d+ 84[12]\.\d+\]/)
})
