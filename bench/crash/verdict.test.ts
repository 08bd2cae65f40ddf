import { describe, expect, test } from 'vitest'
import type { Alarm } from '../../contract/alarms.ts'
import type { HydrantEvent } from '../../contract/events.ts'
import { SmokeDetector } from './fire.ts'
import { checkAlarms, checkReadings } from './verdict.ts'

const reading = (at: number, value: number) => ({ at, quantity: 'volume' as const, value })
const meter = { id: 'm', truth: () => [reading(1, 10), reading(2, 20), reading(3, 30)] }
const history = (at: number[], values: number[]) => async () => ({ at, fields: new Map([['volume' as const, values]]) })

describe('the verdict on readings', () => {
  test('is clean when history holds each acknowledged one', async () => {
    expect(await checkReadings([meter], history([1, 2, 3], [10, 20, 30]))).toEqual({
      acked: 3,
      stored: 3,
      lost: 0,
      invented: 0,
    })
  })

  test('names one that is missing, has another value, or was never sent', async () => {
    expect(await checkReadings([meter], history([1, 3], [10, 30]))).toMatchObject({ stored: 2, lost: 1 })
    expect(await checkReadings([meter], history([1, 2, 3], [10, 21, 30]))).toMatchObject({ stored: 2, lost: 1 })
    expect(await checkReadings([meter], history([1, 2, 3, 4], [10, 20, 30, 40]))).toMatchObject({
      lost: 0,
      invented: 1,
    })
  })
})

describe('the verdict on alarms', () => {
  const alarm = (id: string, raisedAt: number, count: number): Alarm =>
    ({ id, deviceId: 'smoke', type: 'smoke', raisedAt, count, state: 'CLEARED_ACK' }) as Alarm
  const happened = (alarm: Alarm, ...types: ('alarm.raised' | 'alarm.acknowledged')[]): HydrantEvent[] =>
    types.map((type) => ({ type, alarm }) as HydrantEvent)
  const judge = (alarms: readonly Alarm[], events: readonly HydrantEvent[]) => {
    const detector = new SmokeDetector('smoke')
    detector.episodes.push({ messages: 2, from: 100 }, { messages: 3, from: 200 })
    const views = {
      alarms: async () => ({ items: alarms, total: alarms.length, next: null }),
      eventsAfter: async (seq: number) => (seq > 0 ? [] : events.map((event, i) => ({ ...event, seq: i + 1 }))),
    }
    return checkAlarms(views, [detector])
  }
  const first = alarm('a', 100, 2)
  const second = alarm('b', 200, 3)
  const whole = (each: Alarm) => happened(each, 'alarm.raised', 'alarm.acknowledged')

  test('is clean when each fire was raised, counted and acknowledged once', async () => {
    expect(await judge([first, second], [...whole(first), ...whole(second)])).toEqual({
      episodes: 2,
      duplicateAlarms: 0,
      missedAlarms: 0,
      miscountedAlarms: 0,
      otherAlarms: 0,
    })
  })

  test('names a fire that was raised twice, be it as two alarms or by two events', async () => {
    const again = alarm('c', 201, 1)
    expect(
      await judge([first, second, again], [...whole(first), ...whole(second), ...happened(again, 'alarm.raised')]),
    ).toMatchObject({ duplicateAlarms: 1 })
    expect(
      await judge([first, second], [...whole(first), ...whole(second), ...happened(first, 'alarm.raised')]),
    ).toMatchObject({ duplicateAlarms: 1 })
  })

  test('names a fire without an alarm, a message counted twice, and an alarm that nothing called for', async () => {
    expect(await judge([first], whole(first))).toMatchObject({ missedAlarms: 1 })
    const twice = alarm('b', 200, 4)
    expect(await judge([first, twice], [...whole(first), ...whole(twice)])).toMatchObject({ miscountedAlarms: 1 })
    const other = { ...alarm('d', 150, 1), type: 'leak' } as Alarm
    expect(
      await judge([first, second, other], [...whole(first), ...whole(second), ...happened(other, 'alarm.raised')]),
    ).toMatchObject({ otherAlarms: 1 })
  })
})
