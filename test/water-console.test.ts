import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeBrowser, hasChromium, launchChromium } from '../bench/console.ts'
import { type Rehearsal, rehearse } from '../dashboard/rehearsal.ts'
import { raiseWater, seedVillages } from './seeded-villages.ts'

/** The water engineer's morning in a real browser, against the real dashboard. */

const isCi = process.env.CI === 'true'
const hasConsole = hasChromium() && existsSync(join(import.meta.dirname, '../dist/web/assets'))
const PATIENCE_MS = 60_000
/** What a page may take to show something: generous, because no test here asserts a speed. */
const APPEARS_MS = 15_000

const WORDS = {
  zh: {
    water: '供水',
    worst: '今夜漏得最多的村',
    city: '全市概况',
    sentence: /王庄自 \d\d-\d\d 起比平时多漏 1\.3 m³\/h:每天约 94 元/,
    evidence: '31 小时内流量从未低于 42 l/h',
    noBulk: '还没有一个村能算漏损',
    noMap: '此浏览器无法显示地图',
  },
  en: {
    water: 'Water',
    worst: 'Tonight’s worst village',
    city: 'The whole city',
    sentence: /王庄 has lost 1\.3 m³\/h more than usual since \d\d-\d\d: about 94 yuan a day/,
    evidence: 'never below 42 l/h for 31 h',
    noBulk: 'No village’s loss can be told yet',
    noMap: 'This browser cannot draw the map',
  },
} as const
const ESTATE = {
  sentence: /东郊工业园自 \d\d-\d\d \d\d:00 起比平时多进水 0\.6 m³\/h,.*也可能是用水增加/,
  nights: '夜间进水量 01:00–05:00(近 60 夜)',
  noHouseholds: '没有户表',
  balance: '水量平衡(IWA)',
  noBalance: '用水没有计量,做不了水量平衡',
  losses: /漏损 \d|产销差|户均/,
} as const
const LOCALES = { zh: 'zh-CN', en: 'en-GB' } as const

/** A workstation without a graphics driver. */
const NO_WEBGL = `const real = HTMLCanvasElement.prototype.getContext
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    return String(kind).startsWith('webgl') ? null : real.call(this, kind, ...rest)
  }`

describe.skipIf(!hasConsole && !isCi)('the water pages (Chromium)', () => {
  let stage: Rehearsal
  let browser: Awaited<ReturnType<typeof launchChromium>> | undefined
  let cookie: readonly [name: string, value: string]
  const now = Date.now()

  beforeAll(async () => {
    stage = await rehearse()
    const [name = '', value = ''] = (await stage.signIn('engineer', 'water')).split('=')
    cookie = [name, value]
    browser = await launchChromium()
  }, PATIENCE_MS)
  afterAll(async () => {
    await closeBrowser(browser)
    await stage.end()
  })

  /** @param prepare a script that runs before the page's own */
  async function open(language: keyof typeof LOCALES, path: string, prepare = ''): Promise<Page> {
    if (browser === undefined) throw new Error('no browser')
    const context = await browser.newContext({
      locale: LOCALES[language],
      viewport: { width: 1600, height: 900 },
      reducedMotion: 'reduce',
    })
    const [name, value] = cookie
    await context.addCookies([{ name, value, url: stage.dashboard.url, sameSite: 'Strict' }])
    if (prepare !== '') await context.addInitScript(prepare)
    const page = await context.newPage()
    page.setDefaultTimeout(APPEARS_MS)
    await page.goto(stage.dashboard.url + path)
    return page
  }

  it(
    'say what to do where no bulk meter measures any village',
    async () => {
      const page = await open('zh', '/water', NO_WEBGL)
      const worst = page.getByRole('region', { name: WORDS.zh.worst })
      await worst.getByText(WORDS.zh.noBulk).waitFor()
      expect(await worst.textContent()).toContain('hydrant device add')
      await page.context().close()
    },
    PATIENCE_MS,
  )

  it.each(['zh', 'en'] as const)(
    'lead a newcomer to tonight’s worst village and the household that leaks most in three clicks: %s',
    async (language) => {
      if (language === 'zh') await seedVillages(stage, now)
      const words = WORDS[language]
      const page = await open(language, '/', NO_WEBGL)
      let clicks = 0
      const click = async (target: ReturnType<Page['locator']>): Promise<void> => {
        await target.click()
        clicks += 1
      }

      await click(page.getByRole('navigation').getByRole('link', { name: words.water, exact: true }))
      const worst = page.getByRole('region', { name: words.worst })
      await worst.getByText(words.sentence).waitFor()
      await page.getByText(words.noMap).waitFor()
      expect(await worst.locator('strong').first().textContent()).toBe('王庄')
      expect(await page.locator('.list-zones tbody tr:not(.space)').first().textContent()).toContain('王庄')

      const worstLeak = page.getByRole('region', { name: words.city }).getByRole('link')
      expect(await worstLeak.textContent()).toContain('王桂兰家')
      expect(await worstLeak.textContent()).toContain('42 l/h')

      await click(worst.getByText('王庄', { exact: true }))
      await page.getByRole('heading', { level: 1, name: '王庄' }).waitFor()
      const leak = page.getByRole('listitem').filter({ hasText: words.evidence })
      expect(await page.locator('.leaks li').first().textContent()).toContain('42')
      expect(await leak.textContent()).toContain('王庄1号表井')

      await click(leak.getByText('王桂兰家'))
      await page.getByRole('heading', { level: 1, name: '王桂兰家' }).waitFor()
      expect(new URL(page.url()).pathname).toBe('/devices/meter-wang-1')
      expect(clicks).toBe(3)
      await page.context().close()
    },
    PATIENCE_MS,
  )

  it(
    'show a zone of which only the inflow is measured by its inflow, and nothing of it as lost',
    async () => {
      const page = await open('zh', '/water/zones/v-estate')
      await page.locator('.zone-sentence', { hasText: ESTATE.sentence }).waitFor()
      await page.getByRole('region', { name: ESTATE.nights }).waitFor()
      await page.getByRole('region', { name: ESTATE.noHouseholds }).waitFor()
      await page.getByRole('region', { name: ESTATE.balance }).getByText(ESTATE.noBalance).waitFor()
      expect(await page.locator('.zone-page').textContent()).not.toMatch(ESTATE.losses)
      await page.context().close()
    },
    PATIENCE_MS,
  )

  it(
    'show on the map what the list points at, hear of a new loss by themselves, and open by the keyboard',
    async () => {
      const page = await open('en', '/water')
      const rows = page.locator('.list-zones tbody tr:not(.space)')
      await rows.nth(4).waitFor()
      const texts = await rows.allTextContents()
      expect(texts[0]).toContain('王庄')
      expect(texts[0]).toContain('97.5 % of 3 meters')
      expect(texts[1]).toMatch(/东郊工业园.*9\.00 m³\/h.*inflow, \+0\.60.*more inflow.*inflow only/)
      expect(texts.find((text) => text.includes('后刘'))).toContain('learning')
      expect(texts.at(-1)).toContain('张集')
      expect(texts.at(-1)).toContain('No bulk meter measures what comes in')

      await page.locator('.loss-map-host[data-villages="5"]').waitFor()
      await rows.first().hover()
      await page.locator('.loss-card').getByText('王庄', { exact: true }).waitFor()
      await page.mouse.move(0, 0)

      await raiseWater(stage, now, { id: 'z-li', type: 'zoneLoss', placeId: 'v-li', value: 2.5, unit: 'm³/h' })
      const worst = page.getByRole('region', { name: WORDS.en.worst })
      await worst.getByText('李家寨', { exact: true }).waitFor()

      // The list is asked for apart from the figures above it.
      await rows.first().filter({ hasText: '李家寨' }).waitFor()
      await rows.first().getByRole('link').focus()
      await page.keyboard.press('Enter')
      await page.locator('.zone-sentence', { hasText: '李家寨 has lost 2.5 m³/h more than usual' }).waitFor()
      await page.context().close()
    },
    PATIENCE_MS,
  )
})
