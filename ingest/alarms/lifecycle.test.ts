import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Alarm, isOpen } from '../../contract/alarms.ts'
import type { AlarmCommand } from '../../contract/events.ts'
import type { Finding } from '../detectors/detector.ts'
import { obey } from './commands.ts'
import { observe, type Step } from './lifecycle.ts'

const T = 1_732_118_400_000
const finding = (more: Partial<Finding> = {}): Finding => ({
  type: 'smoke',
  active: true,
  at: T,
  value: 3,
  threshold: 1.4,
  unit: 'dB/m',
  reason: 'smoke',
  reasonZh: '烟雾',
  ...more,
})
const origin = { deviceId: 'smoke-1', placeId: 'home-3', noticedAt: T + 5, newId: () => 'a1' }
const see = (open: Alarm | undefined, more: Partial<Finding> = {}): Step | undefined =>
  observe(open, finding(more), origin)
const raised = (more: Partial<Finding> = {}): Alarm => see(undefined, more)?.alarm as Alarm
const command = (type: AlarmCommand['type'], actor = '李雷'): AlarmCommand =>
  type === 'alarm.close'
    ? { type, commandId: 'c', actor, alarmId: 'a1', disposition: 'false', comment: 'toast' }
    : { type, commandId: 'c', actor, alarmId: 'a1', comment: 'seen' }
const act = (alarm: Alarm | undefined, type: AlarmCommand['type']) => obey(command(type), alarm, T + 50, T + 60)
const acknowledged = (alarm: Alarm): Alarm => act(alarm, 'alarm.acknowledge').alarm as Alarm

describe('the life of an alarm', () => {
  test('begins when the condition was measured, and says when it was noticed', () => {
    expect(see(undefined, { since: T - 1000 })).toMatchObject({
      event: 'alarm.raised',
      alarm: { id: 'a1', state: 'ACTIVE_UNACK', raisedAt: T - 1000, noticedAt: T + 5, lastAt: T, count: 1 },
    })
    expect(see(undefined, { active: false })).toBeUndefined()
  })

  test('a condition that is seen again is counted, not raised again', () => {
    expect(see(raised(), { at: T + 9, value: 5 })).toMatchObject({
      event: 'alarm.updated',
      alarm: { id: 'a1', count: 2, lastAt: T + 9, value: 5, raisedAt: T },
    })
  })

  test('that ends unacknowledged still waits for a person; that returns, it rings again as the same alarm', () => {
    const cleared = see(raised(), { active: false, at: T + 9 })
    expect(cleared).toMatchObject({ event: 'alarm.cleared', alarm: { state: 'CLEARED_UNACK', clearedAt: T + 9 } })
    expect(see(cleared?.alarm, { active: false })).toBeUndefined()
    expect(see(cleared?.alarm)).toMatchObject({
      event: 'alarm.updated',
      alarm: { id: 'a1', state: 'ACTIVE_UNACK', count: 2, clearedAt: null },
    })
    expect(acknowledged(cleared?.alarm as Alarm)).toMatchObject({ state: 'CLEARED_ACK', ackBy: '李雷', ackAt: T + 50 })
  })

  test('that was acknowledged is over when it ends', () => {
    const active = acknowledged(raised())
    expect(active).toMatchObject({ state: 'ACTIVE_ACK', ackBy: '李雷' })
    expect(see(active)).toMatchObject({ alarm: { state: 'ACTIVE_ACK', ackBy: '李雷', count: 2 } })
    expect(see(active, { active: false })).toMatchObject({ event: 'alarm.cleared', alarm: { state: 'CLEARED_ACK' } })
  })

  test('a real fire during an acknowledged test rings again, and so does a worse one', () => {
    const test_ = acknowledged(raised({ test: true }))
    expect(see(test_, { test: true })).toMatchObject({ alarm: { state: 'ACTIVE_ACK', test: true } })
    expect(see(test_)).toMatchObject({ alarm: { state: 'ACTIVE_UNACK', test: false, ackBy: null } })
    const minor = acknowledged(raised({ severity: 'MINOR' }))
    const worse = see(minor, { severity: 'MAJOR' })
    expect(worse).toMatchObject({ alarm: { state: 'ACTIVE_UNACK', severity: 'MAJOR' } })
    expect(see(worse?.alarm, { severity: 'MINOR' })).toMatchObject({ alarm: { severity: 'MAJOR' } })
  })

  test('a fire that came and went before we knew is recorded as over and waits for a person', () => {
    expect(see(undefined, { active: false, missed: true })).toMatchObject({
      event: 'alarm.raised',
      alarm: { state: 'CLEARED_UNACK', clearedAt: T },
    })
    expect(see(raised(), { active: false, missed: true })).toMatchObject({ alarm: { state: 'ACTIVE_UNACK', count: 2 } })
  })

  test('what readings that came later tell otherwise is corrected: it is not raised twice, and what is over does not ring', () => {
    const held = raised({ since: T - 1000 })
    expect(see(held, { since: T - 5000, restates: T - 1000, value: 9 })).toMatchObject({
      event: 'alarm.updated',
      alarm: { state: 'ACTIVE_UNACK', raisedAt: T - 5000, value: 9 },
    })
    const over = see(held, { active: false, at: T + 9 })?.alarm
    const late = { active: false, missed: true, at: T + 9, restates: T - 1000 } as const
    expect(see(over, { ...late, since: T - 5000, value: 9 })).toMatchObject({
      event: 'alarm.updated',
      alarm: { state: 'CLEARED_UNACK', raisedAt: T - 5000, value: 9, count: 1, clearedAt: T + 9 },
    })
    expect(see(over, { ...late, severity: 'CRITICAL' })?.alarm).toMatchObject({ severity: 'CRITICAL' })
    expect(see(over, { ...late, severity: 'WARNING' })?.alarm?.severity).toBe(over?.severity)
    expect(see(undefined, { ...late, since: T - 5000 })).toBeUndefined()
    expect(see(held, { ...late, since: T - 5000 })).toBeUndefined()
    const withdrawn = { active: false, restates: T - 1000, withdrawn: true, reason: 'Restated' } as const
    expect(see(held, withdrawn)).toMatchObject({
      event: 'alarm.cleared',
      alarm: { state: 'CLEARED_UNACK', reason: 'Restated', value: 3 },
    })
  })

  test('a person may comment and close, with a disposition; nobody acknowledges twice', () => {
    const alarm = acknowledged(raised())
    expect(act(alarm, 'alarm.acknowledge')).toMatchObject({
      event: { type: 'command.refused', code: 'alarm.already-acknowledged', commandId: 'c', at: T + 60 },
    })
    expect(act(alarm, 'alarm.comment').event).toMatchObject({
      type: 'alarm.commented',
      comment: 'seen',
      alarm: { id: 'a1' },
    })
    expect(act(alarm, 'alarm.close').alarm).toMatchObject({
      state: 'CLEARED_ACK',
      closedBy: '李雷',
      disposition: 'false',
      clearedAt: T + 50,
    })
    expect(act(undefined, 'alarm.close').event).toMatchObject({ type: 'command.refused', code: 'alarm.unknown' })
  })

  test('an alarm that ended by itself can still be called false, and commented', () => {
    const over = see(acknowledged(raised()), { active: false, at: T + 9 })?.alarm as Alarm
    expect(over.state).toBe('CLEARED_ACK')
    expect(act(over, 'alarm.close').alarm).toMatchObject({
      state: 'CLEARED_ACK',
      disposition: 'false',
      closedBy: '李雷',
      clearedAt: T + 9,
    })
    expect(act(over, 'alarm.comment').event).toMatchObject({ type: 'alarm.commented', alarm: { state: 'CLEARED_ACK' } })
    expect(act(over, 'alarm.acknowledge').event).toMatchObject({ code: 'alarm.already-acknowledged' })
  })

  test('whatever happens, an alarm is acknowledged exactly when its state says so, and cleared likewise', () => {
    const happening = fc.oneof(
      fc.record({
        active: fc.boolean(),
        missed: fc.boolean(),
        test: fc.boolean(),
        severity: fc.constantFrom('MINOR', 'CRITICAL'),
      }),
      fc.constantFrom('alarm.acknowledge', 'alarm.comment', 'alarm.close'),
    )
    fc.assert(
      fc.property(fc.array(happening), (story) => {
        let open: Alarm | undefined
        for (const step of story) {
          const after =
            typeof step === 'string'
              ? act(open, step as AlarmCommand['type']).alarm
              : see(open, step as Partial<Finding>)?.alarm
          if (after === undefined) continue
          expect(after.state.endsWith('_ACK')).toBe(after.ackBy !== null)
          expect(after.state.startsWith('CLEARED')).toBe(after.clearedAt !== null)
          expect(after.count).toBeGreaterThanOrEqual(open?.count ?? 1)
          open = isOpen(after) ? after : undefined
        }
      }),
    )
  })
})
