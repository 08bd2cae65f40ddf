import { expect, test } from 'vitest'
import type { HydrantEvent } from '../../../../contract/events.ts'
import { sampleAlarm } from '../store/sample-alarm.ts'
import { foldTimeline } from './fold-timeline.ts'

const event = (seq: number, type: 'alarm.raised' | 'alarm.updated' | 'alarm.cleared'): HydrantEvent => ({
  seq,
  at: seq * 1000,
  type,
  commandId: null,
  actor: null,
  alarm: sampleAlarm({}),
})

test('forty observations between two acts of people are one line with their time', () => {
  const story = [
    event(1, 'alarm.raised'),
    ...Array.from({ length: 40 }, (_, i) => event(i + 2, 'alarm.updated')),
    event(42, 'alarm.cleared'),
    event(43, 'alarm.updated'),
  ]
  expect(foldTimeline(story).map((entry) => [entry.event.type, entry.from, entry.event.at, entry.count])).toEqual([
    ['alarm.updated', 43_000, 43_000, 1],
    ['alarm.cleared', 42_000, 42_000, 1],
    ['alarm.updated', 2000, 41_000, 40],
    ['alarm.raised', 1000, 1000, 1],
  ])
})

test('an alarm without a story has no lines', () => {
  expect(foldTimeline([])).toEqual([])
})
