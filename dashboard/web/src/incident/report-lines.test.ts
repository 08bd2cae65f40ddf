import { expect, test } from 'vitest'
import type { HydrantEvent } from '../../../../contract/events.ts'
import { sampleAlarm } from '../store/sample-alarm.ts'
import { sampleIncident } from '../store/sample-incident.ts'
import { reportLines } from './report-lines.ts'

const incident = sampleIncident({})
const base = { at: 0, commandId: null, actor: 'li', comment: '', alarmId: null, incident }
const said = (seq: number): HydrantEvent => ({ ...base, seq, type: 'incident.commented' })

test('forty detectors are one line of the report, what they measured is none', () => {
  const story: HydrantEvent[] = [
    { ...base, seq: 1, type: 'incident.opened' },
    ...Array.from({ length: 80 }, (_, i): HydrantEvent => {
      if (i % 2 === 0) return { ...base, seq: i + 2, type: 'incident.joined' }
      return { seq: i + 2, at: 0, commandId: null, actor: null, type: 'alarm.raised', alarm: sampleAlarm({}) }
    }),
    { ...base, seq: 99, type: 'incident.closed' },
  ]
  const { first, leftOut, last } = reportLines(story)
  expect(first.map(({ event, count }) => [event.type, count])).toEqual([
    ['incident.opened', 1],
    ['incident.joined', 40],
    ['incident.closed', 1],
  ])
  expect({ leftOut, last }).toEqual({ leftOut: 0, last: [] })
})

test('of a long night the beginning and the end are printed, and how many lines are not', () => {
  const { first, leftOut, last } = reportLines(Array.from({ length: 60 }, (_, i) => said(i)))
  expect([first.length, leftOut, last.length]).toEqual([9, 42, 9])
  expect(first[0]?.event.seq).toBe(0)
  expect(last.at(-1)?.event.seq).toBe(59)
})

test('who takes an incident takes its alarms: that is one line, an alarm acknowledged by itself is another', () => {
  const alarm = sampleAlarm({})
  const story: HydrantEvent[] = [
    { ...base, seq: 1, type: 'incident.acknowledged' },
    { seq: 2, at: 0, commandId: null, actor: 'li', type: 'alarm.acknowledged', alarm, comment: '' },
    { seq: 3, at: 9, commandId: 'c2', actor: 'li', type: 'alarm.acknowledged', alarm, comment: '' },
  ]
  expect(reportLines(story).first.map(({ event }) => event.seq)).toEqual([1, 3])
})
