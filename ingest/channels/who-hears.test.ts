import { describe, expect, test } from 'vitest'
import type { ChannelRule } from '../../contract/channels.ts'
import type { Incident } from '../../contract/incidents.ts'
import { channel, HOME_PATH, happened, rule, T } from './samples.ts'
import { type NewIncidentEvent, whoHears } from './who-hears.ts'

const hears = (
  of: Partial<ChannelRule>,
  type: NewIncidentEvent['type'],
  more: Partial<Incident> = {},
  event: Partial<NewIncidentEvent> = {},
) => whoHears(happened(type, more, event), [channel('webhook', {}, { rules: [rule(of)] })], HOME_PATH)

const asPreAlarm = { verification: 'pre-alarm', confirmedAt: null } as const
const NIGHT = { from: '18:00', to: '06:00', days: [] }
const DAY = { from: '08:00', to: '18:00', days: [] }

describe('who hears of an incident', () => {
  test('a channel hears the occasions of its rules, and nothing else that happens', () => {
    expect(hears({ occasions: ['confirmed'] }, 'incident.confirmed')).toMatchObject([{ occasion: 'confirmed' }])
    expect(hears({ occasions: ['opened'] }, 'incident.confirmed')).toEqual([])
    expect(hears({ occasions: ['confirmed'] }, 'incident.opened', asPreAlarm)).toEqual([])
    for (const type of ['incident.joined', 'incident.commented', 'incident.dispatched', 'incident.called'] as const)
      expect(hears({}, type)).toEqual([])
  })

  test('a call point is confirmed when it is opened: who hears confirmed fires hears it, once', () => {
    const [opened] = hears({ occasions: ['opened', 'confirmed'] }, 'incident.opened')
    expect(opened).toMatchObject({ occasion: 'confirmed', urgent: true })
    expect(hears({ occasions: ['confirmed'] }, 'incident.opened')).toMatchObject([{ occasion: 'confirmed' }])
    expect(hears({ occasions: ['opened', 'confirmed'] }, 'incident.confirmed')).toMatchObject([{ id: opened?.id }])
  })

  test('a county hears of its own homes, a home of itself', () => {
    expect(hears({ placeId: 'county' }, 'incident.opened')).toHaveLength(1)
    expect(hears({ placeId: 'home' }, 'incident.opened')).toHaveLength(1)
    expect(hears({ placeId: 'another-county' }, 'incident.opened')).toEqual([])
  })

  test('the second contact hears from the second step on', () => {
    const at = (step: number) =>
      hears({ occasions: ['escalated'], fromStep: 2 }, 'incident.escalated', { escalation: { step, nextAt: null } })
    expect([1, 2, 3].map((step) => at(step).map((message) => message.step))).toEqual([[], [2], [3]])
    expect(at(2)[0]?.id).not.toBe(at(3)[0]?.id)
  })

  test('kind and severity are asked for', () => {
    expect(hears({ kinds: ['water'] }, 'incident.opened')).toEqual([])
    expect(hears({ kinds: ['water', 'fire'] }, 'incident.opened')).toHaveLength(1)
    expect(hears({ atLeast: 'CRITICAL' }, 'incident.opened', { severity: 'MAJOR' })).toEqual([])
  })

  test('a shift that is off duty sleeps, until a person presses the one key', () => {
    expect(hears({ shift: NIGHT }, 'incident.opened')).toHaveLength(1)
    expect(hears({ shift: DAY }, 'incident.opened')).toEqual([])
    expect(hears({ shift: DAY }, 'incident.opened', {}, { at: T + 10 * 3_600_000 })).toHaveLength(1)
    expect(hears({ shift: DAY }, 'incident.told', {}, { commandId: 'k-1' })).toHaveLength(1)
  })

  test('the one key pressed again tells again; the same command decided again does not', () => {
    const told = (commandId: string) => hears({}, 'incident.told', {}, { commandId })[0]?.id
    expect(told('k-1')).toBe(told('k-1'))
    expect(told('k-1')).not.toBe(told('k-2'))
  })

  test('a reopened incident is told as a new one', () => {
    const [first] = hears({}, 'incident.opened')
    const [again] = hears({}, 'incident.reopened')
    expect(again?.id).not.toBe(first?.id)
  })

  test('only a real fire goes before all others; a drill does not', () => {
    expect(hears({}, 'incident.opened', { kind: 'care' })[0]?.urgent).toBe(false)
    expect(hears({}, 'incident.opened', { mode: 'drill' })[0]?.urgent).toBe(false)
    expect(hears({}, 'incident.closed')[0]?.urgent).toBe(false)
  })

  test('a disabled channel hears nothing, and each channel has a message of its own', () => {
    const [a, b] = [channel('wecom'), channel('email')]
    const messages = whoHears(happened('incident.opened'), [a, { ...b, disabled: true }, channel('sms')], HOME_PATH)
    expect(messages.map(({ channelId }) => channelId)).toEqual(['wecom', 'sms'])
    expect(new Set(messages.map(({ id }) => id)).size).toBe(2)
  })
})
