import { describe, expect, test } from 'vitest'
import { decideOrder, type OrderAction, openOrder } from './order-actions.ts'
import { checkMeter, checkNights, nightFrom, nightsAround, REVISED_FOR_MS, settleOrder } from './repair-verdict.ts'
import { isOrderOverdue, lostM3, savedM3h, type WorkOrder } from './work-orders.ts'
import type { ZoneNight } from './zones.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Days since 1970 in the city: a loss of 2 m³/h began in the night of DAY0. */
const DAY0 = 20_000
/** 09:00 of a day in the city. */
const morning = (day: number): number => nightFrom(day) + 8 * HOUR

const night = (day: number, lossM3h: number, verdict: ZoneNight['verdict'] = 'loss'): ZoneNight => ({
  day,
  lossM3h,
  nightM3h: null,
  inflowM3h: 20,
  expectedM3h: 0.5,
  lowM3h: 0.4,
  highM3h: 0.6,
  reported: 0.99,
  bulkReported: 1,
  verdict,
  judgedAt: morning(day),
})
const quiet = (day: number): ZoneNight => night(day, 0.5, 'quiet')
const unjudged = (day: number): ZoneNight => night(day, 9, 'not-judged')
const lossNights = [quiet(DAY0 - 2), quiet(DAY0 - 1), night(DAY0, 2.5), night(DAY0 + 1, 2.6), night(DAY0 + 2, 2.4)]

const { order: opened } = openOrder(
  {
    id: 'wo-1',
    subject: 'zone',
    subjectId: 'village',
    placeId: 'village',
    alarmId: 'a1',
    note: '',
    since: nightFrom(DAY0),
    m3h: 2,
    assignee: '抢修一队',
    dueAt: morning(DAY0 + 4),
  },
  'wang',
  morning(DAY0 + 1),
)
const repairedAt = morning(DAY0 + 2) + 6 * HOUR
const claim: OrderAction = { type: 'claim', repairedAt, done: '更换接头' }

const must = (before: WorkOrder, action: OrderAction, at: number): WorkOrder => {
  const outcome = decideOrder(before, action, 'li', at)
  if (!outcome.ok) throw new Error(outcome.refusal)
  return outcome.order
}
const refusal = (before: WorkOrder, action: OrderAction, at: number): string => {
  const outcome = decideOrder(before, action, 'li', at)
  return outcome.ok ? 'done' : outcome.refusal
}
const claimed = must(opened, claim, repairedAt + HOUR)
/** What the water makes of the claim when these nights are known. */
const settle = (order: WorkOrder, nights: readonly ZoneNight[], at: number) =>
  settleOrder(order, checkNights(order, order.claim?.repairedAt ?? 0, nights), at)

describe('the night flow of a zone', () => {
  const measured = (...nights: readonly ZoneNight[]) => checkNights(opened, repairedAt, [...lossNights, ...nights])

  test('confirms a repair after two nights, with what it was before and after', () => {
    expect(measured(night(DAY0 + 3, 0.5))).toMatchObject({ verdict: 'waiting', confirming: 1, beforeM3h: 2.5 })
    const check = measured(night(DAY0 + 3, 0.4, 'quiet'), night(DAY0 + 4, 0.6, 'quiet'))
    expect(check).toMatchObject({ verdict: 'confirmed', confirming: 2, beforeM3h: 2.5, afterM3h: 0.5 })
  })
  test('confirms it where at least half of the loss has ended, and not where less has', () => {
    expect(measured(night(DAY0 + 3, 1.5), night(DAY0 + 4, 1.5)).verdict).toBe('confirmed')
    const less = measured(night(DAY0 + 3, 1.6), night(DAY0 + 4, 1.6), night(DAY0 + 5, 1.6))
    expect(less).toMatchObject({ verdict: 'refused', confirming: 0 })
    expect(less.afterM3h).toBeCloseTo(1.6)
  })
  test('gives one of three nights to a flushed main, and no more', () => {
    expect(measured(night(DAY0 + 3, 2.5), night(DAY0 + 4, 0.5), night(DAY0 + 5, 0.5)).verdict).toBe('confirmed')
    const twice = [night(DAY0 + 3, 2.5), night(DAY0 + 4, 2.5), night(DAY0 + 5, 0.5)]
    expect(measured(...twice).verdict).toBe('refused')
    // A fourth night is not asked.
    expect(measured(...twice, night(DAY0 + 6, 0.5)).verdict).toBe('refused')
  })
  test('of which too few meters reported does not count', () => {
    expect(measured(unjudged(DAY0 + 3), unjudged(DAY0 + 4), unjudged(DAY0 + 5))).toMatchObject({
      verdict: 'waiting',
      nights: [],
    })
    expect(measured(unjudged(DAY0 + 3), quiet(DAY0 + 4), unjudged(DAY0 + 5), quiet(DAY0 + 6)).verdict).toBe('confirmed')
  })
  test('that had begun when the pipe was mended says nothing', () => {
    const atNight = nightFrom(DAY0 + 3) + HOUR
    expect(checkNights(opened, atNight, [...lossNights, night(DAY0 + 3, 0.5)]).nights).toEqual([])
  })
  test('before the repair: the nights of the loss, not the quiet ones before it', () => {
    const check = checkNights(opened, nightFrom(DAY0 + 1), lossNights)
    expect(check.beforeM3h).toBe(2.5)
  })
  test('before the repair unknown: what quiet nights lose, and the order’s own figure', () => {
    const check = checkNights(opened, repairedAt, [quiet(DAY0 + 3), quiet(DAY0 + 4)])
    expect(check).toMatchObject({ beforeM3h: 2.5, verdict: 'confirmed' })
  })
  test('before a loss that was found and mended in one day say nothing of it: usual nights after it confirm the repair', () => {
    const inflow = (day: number, nightM3h: number): ZoneNight => ({
      ...quiet(day),
      lossM3h: null,
      nightM3h,
      expectedM3h: 10,
    })
    const usual = [inflow(DAY0, 10), inflow(DAY0 + 1, 10), inflow(DAY0 + 2, 10)]
    const sameDay = { since: repairedAt - HOUR, m3h: 2, alarmId: 'zone-loss/village' }
    const since = (...flows: readonly number[]) =>
      checkNights(sameDay, repairedAt, [...usual, ...flows.map((m3h, at) => inflow(DAY0 + 3 + at, m3h))])
    expect(since()).toMatchObject({ verdict: 'waiting', beforeM3h: 2 })
    expect(since(10, 10)).toMatchObject({ verdict: 'confirmed', beforeM3h: 2, afterM3h: 0 })
    expect(since(12, 12, 12).verdict).toBe('refused')
    // By hand, nobody has said since when it runs.
    expect(checkNights({ ...sameDay, alarmId: null }, repairedAt, usual).beforeM3h).toBe(0)
  })
  test('of all loss, in a zone whose inflow alone was measured before, may confirm and refuses nothing', () => {
    const inflow = [DAY0, DAY0 + 1, DAY0 + 2].map((day) => ({
      ...night(day, 0),
      lossM3h: null,
      nightM3h: 12,
      expectedM3h: 10,
    }))
    const since = (lossM3h: number) => [3, 4, 5].map((n) => night(DAY0 + n, lossM3h, 'learning'))
    expect(checkNights(opened, repairedAt, [...inflow, ...since(0.8)])).toMatchObject({
      verdict: 'confirmed',
      beforeM3h: 2,
    })
    expect(checkNights(opened, repairedAt, [...inflow, ...since(1.6)]).verdict).toBe('waiting')
  })
  test('comes to the same in whatever order its nights were judged', () => {
    const nights = [night(DAY0 + 3, 2.4), quiet(DAY0 + 4), quiet(DAY0 + 5)]
    expect(measured(...nights)).toEqual(measured(...nights.map((one) => ({ ...one, judgedAt: one.judgedAt * 2 }))))
  })
})

describe('a meter', () => {
  const nothingYet = { activeAt: null, comesAndGoes: false, clearedAt: null, measuredUntil: null }
  const check = (evidence: Partial<Parameters<typeof checkMeter>[2]>) =>
    checkMeter({ m3h: 0.05 }, repairedAt, { ...nothingYet, ...evidence }).verdict
  test('that stood still after the repair confirms it', () => {
    expect(check({ clearedAt: repairedAt + HOUR })).toBe('confirmed')
    expect(check({ clearedAt: repairedAt - HOUR })).toBe('waiting')
  })
  test('that had stood still before, and for a day since shows no leak, confirms it', () => {
    expect(check({ clearedAt: repairedAt - HOUR, measuredUntil: repairedAt + DAY })).toBe('waiting')
    expect(check({ clearedAt: repairedAt - HOUR, measuredUntil: repairedAt + DAY + HOUR })).toBe('confirmed')
  })
  test('of which no leak was ever told confirms it only when a small one would have been: no night is enough', () => {
    expect(check({ measuredUntil: repairedAt + 3 * DAY })).toBe('waiting')
    expect(check({ measuredUntil: repairedAt + 4 * DAY + HOUR })).toBe('confirmed')
  })
  test('that still flows after a day of data refuses it', () => {
    expect(check({ activeAt: repairedAt + DAY - HOUR, measuredUntil: repairedAt + 2 * DAY })).toBe('waiting')
    expect(check({ activeAt: repairedAt + DAY })).toBe('refused')
    // Cleared once, and flowing again: it flows.
    expect(check({ activeAt: repairedAt + 2 * DAY, clearedAt: repairedAt + HOUR })).toBe('refused')
  })
  test('whose leak comes and goes has a week: it stays told for the five days in which it might come back', () => {
    expect(check({ comesAndGoes: true, activeAt: repairedAt + 5 * DAY })).toBe('waiting')
    expect(check({ clearedAt: repairedAt + 5 * DAY })).toBe('confirmed')
    expect(check({ comesAndGoes: true, activeAt: repairedAt + 7 * DAY })).toBe('refused')
  })
})

describe('a work order', () => {
  test('is claimed only when it has been assigned, once, and for a time that can be', () => {
    const unassigned = must({ ...opened, state: 'open' }, { type: 'comment', comment: '听漏' }, 1)
    expect(refusal(unassigned, claim, repairedAt)).toBe('order.not-assigned')
    expect(refusal(claimed, claim, repairedAt + HOUR)).toBe('order.claimed-already')
    expect(refusal(opened, claim, repairedAt - 1)).toBe('order.repaired-when')
    expect(refusal(opened, { ...claim, repairedAt: opened.since - 1 }, repairedAt)).toBe('order.repaired-when')
  })
  test('is closed as repaired by the water alone: no action of a person does it', () => {
    const actions: readonly OrderAction[] = [
      { type: 'assign', assignee: '抢修二队', dueAt: 0, comment: '' },
      { type: 'comment', comment: '修好了' },
      { type: 'photograph', id: 'p' },
      claim,
      { type: 'cancel', reason: '重复' },
    ]
    for (const before of [{ ...opened, state: 'open' as const }, opened, claimed])
      for (const action of actions) {
        const outcome = decideOrder(before, action, 'wang', repairedAt + DAY)
        expect(outcome.ok && outcome.order.state).not.toBe('confirmed')
      }
  })
  test('confirmed, says what is saved; nothing but remarks is added to it', () => {
    const outcome = settle(claimed, [...lossNights, quiet(DAY0 + 3), quiet(DAY0 + 4)], morning(DAY0 + 4))
    expect(outcome).toMatchObject({
      ok: true,
      order: { state: 'confirmed', beforeM3h: 2.5, afterM3h: 0.5, refusals: 0 },
    })
    if (outcome?.ok !== true) return
    expect(savedM3h(outcome.order)).toBe(2)
    expect(lostM3(outcome.order, morning(DAY0 + 400))).toBeCloseTo((2 * (repairedAt - opened.since)) / HOUR)
    expect(outcome.events).toMatchObject([{ type: 'confirmed', by: '', beforeM3h: 2.5, afterM3h: 0.5 }])
    for (const action of [claim, { type: 'cancel', reason: '误报' }] as const)
      expect(refusal(outcome.order, action, morning(DAY0 + 5))).toBe('order.closed')
    expect(refusal(outcome.order, { type: 'comment', comment: '回访' }, morning(DAY0 + 5))).toBe('done')
  })
  test('not confirmed, goes back to whom it was assigned and is counted; a new claim starts anew', () => {
    const stillLost = [night(DAY0 + 3, 2.5), night(DAY0 + 4, 2.5), night(DAY0 + 5, 2.5)]
    const outcome = settle(claimed, [...lossNights, ...stillLost], morning(DAY0 + 5))
    expect(outcome).toMatchObject({ ok: true, order: { state: 'assigned', refusals: 1, assignee: '抢修一队' } })
    if (outcome?.ok !== true) return
    const again = must(outcome.order, { ...claim, repairedAt: morning(DAY0 + 6) }, morning(DAY0 + 6))
    expect(settle(again, [...lossNights, ...stillLost], morning(DAY0 + 6))).toBeUndefined()
    const nights = [...lossNights, ...stillLost, quiet(DAY0 + 7), quiet(DAY0 + 8)]
    expect(settle(again, nights, morning(DAY0 + 8))).toMatchObject({ order: { state: 'confirmed', refusals: 1 } })
  })
  test('waits while the nights say neither', () => {
    expect(settle(claimed, [...lossNights, quiet(DAY0 + 3)], morning(DAY0 + 3))).toBeUndefined()
  })
  test('restated by late readings within a week is turned round, both ways; later it stands', () => {
    const good = [...lossNights, quiet(DAY0 + 3), quiet(DAY0 + 4), quiet(DAY0 + 5)]
    const bad = [...lossNights, night(DAY0 + 3, 2.5), night(DAY0 + 4, 2.5), night(DAY0 + 5, 2.5)]
    const decided = morning(DAY0 + 5)
    const confirmed = settle(claimed, good, decided)
    const sentBack = settle(claimed, bad, decided)
    if (confirmed?.ok !== true || sentBack?.ok !== true) throw new Error('not decided')
    // The same nights again change nothing.
    expect(settle(confirmed.order, good, decided + HOUR)).toBeUndefined()
    expect(settle(sentBack.order, bad, decided + HOUR)).toBeUndefined()
    expect(settle(confirmed.order, bad, decided + DAY)).toMatchObject({
      order: { state: 'assigned', closedAt: null, refusals: 1 },
      events: [{ type: 'revised' }, { type: 'refused' }],
    })
    expect(settle(sentBack.order, good, decided + DAY)).toMatchObject({
      order: { state: 'confirmed', refusals: 0 },
      events: [{ type: 'revised' }, { type: 'confirmed' }],
    })
    expect(settle(confirmed.order, bad, decided + REVISED_FOR_MS + 1)).toBeUndefined()
    // A night that is not judged any more takes nothing back.
    const gone = [...lossNights, unjudged(DAY0 + 3), quiet(DAY0 + 4)]
    expect(settle(confirmed.order, gone, decided + DAY)).toBeUndefined()
  })
  test('is overdue until it is claimed; what waits for the water is nobody’s fault', () => {
    const late = (opened.dueAt ?? 0) + 1
    expect(isOrderOverdue(opened, late)).toBe(true)
    expect(isOrderOverdue(opened, late - 2)).toBe(false)
    expect(isOrderOverdue(claimed, late)).toBe(false)
  })
  test('looks at the quiet nights before its loss, and at every night since its repair', () => {
    const { from, to } = nightsAround(claimed, morning(DAY0 + 9))
    expect(from).toBeLessThan(DAY0 - 7)
    expect(to).toBe(DAY0 + 10)
  })
})
