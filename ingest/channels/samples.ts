import type { Place } from '../../contract/api.ts'
import { CHANNEL_SETTINGS } from '../../contract/channel-settings.ts'
import { type ChannelKind, type ChannelRule, OCCASIONS } from '../../contract/channels.ts'
import type { Incident } from '../../contract/incidents.ts'
import type { StoredChannel } from '../../store/state/channels-port.ts'
import type { NewMessage } from '../../store/state/outbox-port.ts'
import { type NewIncidentEvent, whoHears } from './who-hears.ts'

/** For the tests of channels: a home, an incident in it, and who could be told. */

/** Wednesday, 20 November 2024, 16:00 UTC: midnight in the city. */
export const T = 1_732_118_400_000

const place = (id: string, kind: Place['kind'], name: string, parentId: string | null): Place => ({
  id,
  parentId,
  kind,
  name,
  lon: kind === 'home' ? 115.98 : null,
  lat: kind === 'home' ? 36.45 : null,
  contact: '13900001111',
})

export const HOME_PATH: readonly Place[] = [
  place('county', 'county', '东昌府区', null),
  place('home', 'home', '幸福养老院', 'county'),
  place('floor-3', 'floor', '3层', 'home'),
]

export const incident = (more: Partial<Incident> = {}): Incident => ({
  id: 'inc-1',
  kind: 'fire',
  state: 'verified',
  mode: 'real',
  verification: 'confirmed',
  confirmedBy: 'second-detector',
  severity: 'CRITICAL',
  premisesId: 'home',
  placeId: 'floor-3',
  cell: null,
  openedAt: T,
  noticedAt: T,
  lastAt: T,
  alarms: 2,
  devices: 2,
  sources: [
    { alarmId: 'a', deviceId: 'd1', placeId: 'floor-3', type: 'smoke', severity: 'CRITICAL', at: T, active: true },
    { alarmId: 'b', deviceId: 'd2', placeId: 'floor-3', type: 'heat', severity: 'CRITICAL', at: T, active: true },
  ],
  confirmedAt: T,
  acknowledgedBy: null,
  acknowledgedAt: null,
  dispatchedAt: null,
  onSceneAt: null,
  arrivals: {},
  escalation: { step: 0, nextAt: T + 30_000 },
  verifyBy: null,
  closedAt: null,
  closedBy: null,
  disposition: null,
  cause: null,
  closingNote: null,
  ...more,
})

export const happened = (
  type: NewIncidentEvent['type'],
  more: Partial<Incident> = {},
  event: Partial<NewIncidentEvent> = {},
): NewIncidentEvent =>
  ({
    type,
    at: T,
    commandId: null,
    actor: null,
    comment: '',
    alarmId: null,
    ...event,
    incident: incident(more),
  }) as NewIncidentEvent

export const rule = (more: Partial<ChannelRule> = {}): ChannelRule => ({
  kinds: [],
  occasions: [...OCCASIONS],
  fromStep: 0,
  atLeast: 'WARNING',
  placeId: null,
  shift: null,
  ...more,
})

const GIVEN: { readonly [K in ChannelKind]: readonly [settings: object, secrets: Record<string, string>] } = {
  webhook: [{ url: 'http://127.0.0.1:9/hook' }, { signingSecret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }],
  email: [{ host: '127.0.0.1', tls: 'none', from: 'hydrant@example.cn', to: 'brigade@example.cn' }, {}],
  wecom: [{ baseUrl: 'http://127.0.0.1:9' }, { key: 'wecom-key-0001' }],
  dingtalk: [{ baseUrl: 'http://127.0.0.1:9' }, { accessToken: 'ding-token-0001', signingSecret: 'SECabc+/=' }],
  sms: [{ url: 'http://127.0.0.1:9/send', phones: '13800000001' }, { token: 'sms-token-0001' }],
  mqtt: [{ url: 'mqtt://127.0.0.1:9', topic: 'city/screens/{{incident}}' }, {}],
}

export function channel(kind: ChannelKind, settings: object = {}, more: Partial<StoredChannel> = {}): StoredChannel {
  const [usual, secrets] = GIVEN[kind]
  return {
    id: kind,
    kind,
    name: `The ${kind}`,
    settings: CHANNEL_SETTINGS[kind].settings.parse({ ...usual, ...settings }),
    secrets,
    rules: [rule()],
    disabled: false,
    disabledWhy: null,
    createdAt: T,
    ...more,
  }
}

/** What one channel is told of an incident in the sample home. */
export function messageTo(
  to: StoredChannel,
  more: Partial<Incident> = {},
  type: NewIncidentEvent['type'] = 'incident.confirmed',
): NewMessage {
  const [message] = whoHears(happened(type, more), [to], HOME_PATH)
  if (message === undefined) throw new Error('the channel does not hear of it')
  return message
}
