import { expect, test } from 'vitest'
import { cityDayOf, midnightOf } from '../../contract/city-time.ts'
import { checkNights, nightFrom } from '../../contract/repair-verdict.ts'
import type { MeterCountChange, ZoneHour } from '../../store/state/water-port.ts'
import { HOUR_MS } from '../zones/tape.ts'
import { accountOf } from './judge.ts'
import { judgeInflow } from './judge-inflow.ts'

const DAY_H = 24
const FIRST = 20_028
/** The main bursts at noon of this day and is mended at ten in the morning four days later. */
const BURST = midnightOf(FIRST + 35) + 12
const MENDED = BURST + 4 * DAY_H - 2
const LEAK_M3H = 6

const IN: MeterCountChange = { zone: 'estate', part: 'in', hour: midnightOf(FIRST), change: 1 }

/** Litres of an hour in a zone without household meters. */
function usual(hour: number): number {
  const ofDay = (hour + 8) % DAY_H
  const isSunday = cityDayOf(hour * HOUR_MS) % 7 === 6
  const people = 30_000 * Math.max(0, Math.sin(((ofDay - 5) / 18) * Math.PI))
  return 20_000 + people * (isSunday ? 0.5 : 1) + 600 * Math.sin(hour * 12.9898) * Math.cos(hour * 4.1414)
}

/** What is judged of such a zone when `left` m³/h go on leaking after the repair. */
function judged(left: number) {
  const hours: ZoneHour[] = []
  for (let hour = midnightOf(FIRST); hour < midnightOf(FIRST + 44); hour++) {
    const leak = hour < BURST ? 0 : hour < MENDED ? LEAK_M3H : left
    const inflowL = Math.round(usual(hour) + leak * 1000)
    const bulkMeasuredMs = HOUR_MS
    hours.push({ hour, inflowL, householdL: 0, householdKnownMs: 0, householdMeasuredMs: 0, bulkMeasuredMs })
  }
  // Judged before the repair, and again ten days later.
  const before = judgeInflow(
    undefined,
    accountOf(
      hours.filter(({ hour }) => hour < MENDED),
      [IN],
    ),
  )
  const after = judgeInflow(before?.memory, accountOf(hours, [IN]))
  if (before === undefined || after === undefined) throw new Error('not judged')
  return { told: before.findings.at(-1), nights: after.nights, ended: after.findings.at(-1) }
}

/** What the nights say of an order that was opened from the finding, and of a claim at the hour of the repair. */
function verdict(left: number) {
  const { told, nights, ended } = judged(left)
  if (told?.active !== true) throw new Error('not found')
  const order = { since: told.since ?? told.at, m3h: told.value ?? 0, alarmId: 'told' }
  expect(order.m3h).toBeCloseTo(LEAK_M3H, 0)
  const check = checkNights(
    order,
    MENDED * HOUR_MS,
    nights.map((night) => ({ ...night, judgedAt: nightFrom(night.day) })),
  )
  return { check, over: ended?.active === false }
}

test('a repair in a zone of which only the inflow is measured is confirmed by two nights of usual inflow, as its alarm ends', () => {
  const { check, over } = verdict(0)
  expect(over).toBe(true)
  expect(check).toMatchObject({
    verdict: 'confirmed',
    nights: [{ confirms: true }, { confirms: true }, { confirms: true }],
  })
  expect(check.beforeM3h).toBeCloseTo(LEAK_M3H, 0)
  expect(check.afterM3h).toBeCloseTo(0, 0)
})

test('and is sent back where as much runs in as before, or hardly less', () => {
  expect(verdict(LEAK_M3H)).toMatchObject({ check: { verdict: 'refused', confirming: 0 }, over: false })
  expect(verdict(0.8 * LEAK_M3H)).toMatchObject({ check: { verdict: 'refused', confirming: 0 }, over: false })
})
