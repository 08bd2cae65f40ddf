import type { Alarm } from '../../contract/alarms.ts'
import { litresPerHour } from '../../contract/losses.ts'
import type { WaterSummary } from '../../contract/water-api.ts'
import type { Balance } from '../../contract/zones.ts'
import type { Desk } from '../desk.ts'
import { TREND_NIGHTS, WEEK_DAYS } from './accounts.ts'
import { isMeasured } from './night-standing.ts'
import { isOnlyInflow, percentOf, standingOf } from './zone-rows.ts'

const LITRES_PER_M3 = 1000
const DAY_HOURS = 24
/** Nothing is compared where fewer of the villages were judged a week ago. */
const COMPARED_SHARE = 0.5

/** The city's night in a few figures. Villages are added up: a township's bulk meter would count them twice. */
export async function waterSummary(desk: Desk): Promise<WaterSummary> {
  const { waters, config, fleet } = desk
  await waters.follow()
  const villages = waters.meters.zones('village')
  const [accounts, savings] = await Promise.all([
    waters.accounts.accounts(villages),
    desk.stores.workOrders.savings(desk.now()),
  ])
  const counts = { judged: 0, learning: 0, notJudged: 0, unmeasured: 0 }
  const weeks: { readonly now: Balance; readonly before: Balance }[] = []
  /** Of villages whose loss is measured. */
  let [told, loss, lossBefore, compared] = [0, 0, 0, 0]
  for (const id of villages) {
    const why = standingOf(desk, id)
    if (why === null) counts.judged += 1
    else if (why === 'learning') counts.learning += 1
    else if (why === 'no-bulk-meter') counts.unmeasured += 1
    else counts.notJudged += 1
    const account = accounts.get(id)
    if (account === undefined) continue
    // Where no household is metered all that came in would look lost.
    if (account.week.meters > 0) weeks.push({ now: account.week, before: account.weekBefore })
    const lossM3h = waters.accounts.night(id)?.lossM3h ?? null
    if (!isMeasured(why) || lossM3h === null) continue
    told += 1
    loss += lossM3h
    const aWeekAgo = account.trend[TREND_NIGHTS - 1 - WEEK_DAYS] ?? undefined
    if (aWeekAgo !== undefined) compared += 1
    // Who was not judged then counts as unchanged.
    lossBefore += aWeekAgo ?? lossM3h
  }
  const measured = counts.judged + counts.learning
  const now = sumOf(weeks.map((week) => week.now))
  // The same villages as now, or what has been put in since would look like a rise.
  const judgedNow = weeks.filter((week) => week.now.valid)
  const judgedBoth = judgedNow.filter((week) => week.before.valid)
  const isComparable = judgedBoth.length >= judgedNow.length * COMPARED_SHARE
  const before = sumOf(isComparable ? judgedBoth.map((week) => week.before) : [])
  const open = [...waters.losses.zones()].filter(([id]) => desk.places.get(id)?.kind === 'village')
  // What runs in beyond the usual may be used: it is no part of what is known to be lost.
  const inflows = open.filter(([id]) => isOnlyInflow(desk, id))
  const losses = open.filter(([id]) => !isOnlyInflow(desk, id))
  const openLossM3h = m3hOf(losses)
  const leaks = [...waters.losses.meters()].filter(([id]) => fleet.get(id)?.kind === 'water-meter')
  return {
    day: measured === 0 ? null : waters.accounts.newestDay,
    lossM3h: told === 0 ? null : loss,
    lossM3hBefore: compared > 0 && compared >= told * COMPARED_SHARE ? lossBefore : null,
    weekPercent: percentOf(now.lossL, now.inflowL),
    weekPercentBefore: percentOf(before.lossL, before.inflowL),
    weekLitresPerConnectionDay: perConnection(now),
    weekLitresPerConnectionDayBefore: perConnection(before),
    villages: counts,
    onlyInflow: villages.filter((id) => isOnlyInflow(desk, id)).length,
    openLosses: losses.length,
    openLossM3h,
    openYuanPerDay: openLossM3h * DAY_HOURS * config.yuanPerM3,
    openInflows: inflows.length,
    openInflowM3h: m3hOf(inflows),
    householdLeaks: leaks.length,
    householdLeakLph: leaks.reduce((sum, [, alarm]) => sum + litresPerHour(alarm), 0),
    saved: {
      m3: savings.m3,
      yuan: savings.m3 * config.yuanPerM3,
      repairs: savings.repairs,
      since: savings.since ?? desk.now(),
    },
    yuanPerM3: config.yuanPerM3,
    revision: waters.accounts.revision,
  }
}

const m3hOf = (losses: readonly (readonly [string, Alarm])[]): number =>
  losses.reduce((sum, [, alarm]) => sum + litresPerHour(alarm), 0) / LITRES_PER_M3

interface Sum {
  inflowL: number
  lossL: number
  meters: number
}

/** Of those that may be judged. */
function sumOf(balances: readonly Balance[]): Sum {
  const sum = { inflowL: 0, lossL: 0, meters: 0 }
  for (const { inflowL, lossL, meters, valid } of balances) {
    if (!valid) continue
    sum.inflowL += inflowL
    sum.lossL += lossL
    sum.meters += meters
  }
  return sum
}

const perConnection = ({ lossL, meters }: Sum): number | null => (meters > 0 ? lossL / (meters * WEEK_DAYS) : null)
