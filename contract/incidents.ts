import { z } from 'zod'
import { ALARM_TYPE_NAMES, DISPOSITIONS, SEVERITIES } from './alarms.ts'

/**
 * An incident is what people respond to: the alarms of one premises (a home, a dwelling), or of one cause (a dead cell),
 * joined by place and time. Alarms say what is measured; an incident says what is being done about it.
 */

/** `outage`: many devices of one cause fell silent. It is one row, and rings once. */
export const INCIDENT_KINDS = ['fire', 'care', 'water', 'outage', 'duty'] as const
export type IncidentKind = (typeof INCIDENT_KINDS)[number]

/** The life cycle. A person moves it on; only `verified` may also come from a second detector. */
export const INCIDENT_STATES = ['received', 'verified', 'dispatched', 'on-scene', 'closed'] as const

/** Whether it is believed: one detector is a pre-alarm, two of one fire zone are a fire. */
export const VERIFICATIONS = ['pre-alarm', 'confirmed'] as const

/** What made a pre-alarm a fire, where it was not a person by name. */
export const CONFIRMATIONS = {
  'second-detector': { en: 'A second detector', zh: '第二个探测器报警' },
  'call-point': { en: 'A call point', zh: '手动报警按钮' },
  'panic-button': { en: 'A panic button', zh: '紧急呼叫按钮' },
  gas: { en: 'Gas at alarm level', zh: '燃气或一氧化碳达到报警浓度' },
  'again-after-reset': { en: 'The same detector again after the reset', zh: '复位后同一探测器再次报警' },
  'nobody-to-look': { en: 'Nobody there to look', zh: '现场无人可核实' },
  time: { en: 'A minute without a word', zh: '一分钟内无人核实' },
} as const
export type Confirmation = keyof typeof CONFIRMATIONS

/** A test and a drill are marked and recorded, never swallowed. */
export const INCIDENT_MODES = ['real', 'test', 'drill'] as const
export type IncidentMode = (typeof INCIDENT_MODES)[number]

/** The race of 1-3-5: who has to be there, and within how many minutes of the alarm. */
export const RESPONSES = {
  staff: { minutes: 1, en: 'Own staff', zh: '本单位人员' },
  neighbours: { minutes: 3, en: 'Neighbouring posts', zh: '周边联防力量' },
  brigade: { minutes: 5, en: 'Fire brigade', zh: '消防救援队' },
} as const
export type Response = keyof typeof RESPONSES
export const RESPONSE_NAMES = Object.keys(RESPONSES) as [Response, ...Response[]]

/** Why a fire or care incident happened, for the closing form and the false-alarm statistics. */
export const CAUSES = {
  fire: { en: 'Fire', zh: '火灾' },
  cooking: { en: 'Cooking', zh: '做饭油烟' },
  steam: { en: 'Steam', zh: '水蒸气' },
  smoking: { en: 'Smoking', zh: '吸烟' },
  dust: { en: 'Dust or insects', zh: '灰尘或昆虫' },
  work: { en: 'Building work', zh: '施工' },
  electrical: { en: 'Electrical fault', zh: '电气故障' },
  equipment: { en: 'Detector or line fault', zh: '设备或线路故障' },
  mistake: { en: 'Pressed by mistake', zh: '误按' },
  malicious: { en: 'Malicious', zh: '恶意触发' },
  illness: { en: 'Illness or fall', zh: '疾病或跌倒' },
  network: { en: 'Power or network', zh: '断电或断网' },
  away: { en: 'Away from home', zh: '外出不在家' },
  unharmed: { en: 'Fine, used little water', zh: '本人平安,用水偏少' },
  other: { en: 'Other', zh: '其他' },
} as const
export type Cause = keyof typeof CAUSES
export const CAUSE_NAMES = Object.keys(CAUSES) as [Cause, ...Cause[]]

const time = z.number().describe('ms since 1970')
const timeOrNot = time.nullable()

/** Alarms that an incident lists: every event carries them, and forty of one home fit. All are found by the incident's id. */
export const MAX_SOURCES = 50

/** One alarm of an incident. Only the first `MAX_SOURCES` are listed; `alarms` counts all. */
const sourceSchema = z.object({
  alarmId: z.string(),
  deviceId: z.string().nullable(),
  placeId: z.string().nullable(),
  type: z.enum(ALARM_TYPE_NAMES),
  severity: z.enum(SEVERITIES),
  at: time.describe('when it was measured'),
  active: z.boolean(),
})
export type IncidentSource = z.infer<typeof sourceSchema>

export const incidentSchema = z.object({
  id: z.string().describe('unique, sortable by the time it was opened'),
  kind: z.enum(INCIDENT_KINDS),
  state: z.enum(INCIDENT_STATES),
  mode: z.enum(INCIDENT_MODES),
  verification: z.enum(VERIFICATIONS),
  confirmedBy: z.string().nullable().describe('a user name, or one of CONFIRMATIONS'),
  severity: z.enum(SEVERITIES),
  premisesId: z.string().nullable().describe('the home or dwelling; null: no place, or a cause that is in no place'),
  placeId: z.string().nullable().describe('where it began: the innermost place of the first alarm'),
  cell: z
    .string()
    .nullable()
    .describe('what is joined instead of a place (incident-cell.ts): a device, a gateway, a cell'),
  openedAt: time.describe('when the first alarm was measured'),
  noticedAt: time.describe('when its message arrived: the clocks of 1-3-5 start here'),
  lastAt: time.describe('last alarm that joined'),
  alarms: z.number().int().describe('how many alarms joined'),
  devices: z.number().int().describe('of how many devices'),
  sources: z.array(sourceSchema),
  confirmedAt: timeOrNot,
  acknowledgedBy: z.string().nullable().describe('the named person who took it; escalation stops'),
  acknowledgedAt: timeOrNot,
  dispatchedAt: timeOrNot,
  onSceneAt: timeOrNot,
  arrivals: z.partialRecord(z.enum(RESPONSE_NAMES), time).describe('who of 1-3-5 is there, since when'),
  escalation: z.object({
    step: z.number().int().describe('0: told the first; each further step tells the next contacts'),
    nextAt: timeOrNot.describe('when the next step falls due; null: nobody waits'),
  }),
  verifyBy: timeOrNot.describe('when a pre-alarm counts as confirmed because nobody said otherwise (at most 60 s)'),
  closedAt: timeOrNot,
  closedBy: z.string().nullable(),
  disposition: z.enum(DISPOSITIONS).nullable(),
  cause: z.enum(CAUSE_NAMES).nullable(),
  closingNote: z.string().nullable(),
})
export type Incident = z.infer<typeof incidentSchema>

export const isOpenIncident = ({ state }: Pick<Incident, 'state'>): boolean => state !== 'closed'

/** What an incident event is about; the event carries the incident as it is afterwards. */
export const INCIDENT_EVENTS = [
  'incident.opened',
  'incident.joined',
  /** One of its alarms has ended, or become worse. */
  'incident.updated',
  'incident.confirmed',
  'incident.acknowledged',
  'incident.escalated',
  'incident.dispatched',
  'incident.arrived',
  'incident.called',
  'incident.commented',
  'incident.told',
  'incident.closed',
  'incident.reopened',
] as const
export type IncidentEventType = (typeof INCIDENT_EVENTS)[number]

/** A telephone call somebody made about an incident. */
export const callSchema = z.object({
  who: z.string().min(1).max(200),
  number: z.string().max(50).default(''),
  answered: z.boolean(),
})

const incidentId = z.object({ incidentId: z.string() })
const comment = z.object({ comment: z.string().max(2000).default('') })
const until = z.number().int().describe('ms since 1970; an isolation without an end is not possible')

/** What a person does to an incident, or to the watch over a place. Merged into `operatorCommandSchema`. */
export const INCIDENT_COMMANDS = {
  'incident.acknowledge': incidentId.extend(comment.shape),
  /** A person has looked: it is a fire. */
  'incident.confirm': incidentId.extend(comment.shape),
  'incident.dispatch': incidentId.extend({ ...comment.shape, responderIds: z.array(z.string()).max(50) }),
  'incident.arrive': incidentId.extend({ ...comment.shape, response: z.enum(RESPONSE_NAMES) }),
  'incident.call': incidentId.extend({ ...comment.shape, call: callSchema }),
  'incident.comment': incidentId.extend({ comment: z.string().min(1).max(2000) }),
  /** One key, everyone knows: all linked channels of the place are told now. */
  'incident.tell': incidentId.extend(comment.shape),
  'incident.close': incidentId.extend({
    ...comment.shape,
    disposition: z.enum(DISPOSITIONS),
    cause: z.enum(CAUSE_NAMES),
  }),
  /** Staff have reset the detectors of a place: what comes again within 60 s is confirmed. */
  'place.reset': z.object({ placeId: z.string(), ...comment.shape }),
  /** Test, drill or isolation of a place or one device, with an end. `until` now or before ends it. */
  'watch.set': z.object({
    target: z.union([z.object({ placeId: z.string() }), z.object({ deviceId: z.string() })]),
    mode: z.enum(['test', 'drill', 'isolated']),
    until,
    reason: z.string().min(1).max(500),
  }),
  /** Duty check (查岗) of a home's control room. */
  'duty.check': z.object({ placeId: z.string(), minutes: z.number().int().min(1).max(10), ...comment.shape }),
  /** Somebody in the control room answers, where the panel cannot. */
  'duty.answer': z.object({ dutyCheckId: z.string(), ...comment.shape }),
} as const

/** Test, drill or isolation that is in force. */
export const watchModeSchema = z.object({
  placeId: z.string().nullable(),
  deviceId: z.string().nullable(),
  mode: z.enum(['test', 'drill', 'isolated']),
  since: time,
  until: time,
  by: z.string(),
  reason: z.string(),
})
export type WatchMode = z.infer<typeof watchModeSchema>

/** What a watch mode is set on, as a key: there is one mode per target. */
export const watchTarget = ({ placeId, deviceId }: Pick<WatchMode, 'placeId' | 'deviceId'>): string =>
  placeId === null ? `device ${deviceId}` : `place ${placeId}`

export const dutyCheckSchema = z.object({
  id: z.string(),
  placeId: z.string(),
  askedAt: time,
  askedBy: z.string(),
  dueAt: time,
  answeredAt: timeOrNot,
  answeredBy: z.string().nullable().describe('a user name, or the panel and its operator number'),
  settled: z
    .enum(['answered', 'unanswered'])
    .nullable()
    .describe('null: its time runs. Unanswered stays so until somebody answers late.'),
})
export type DutyCheck = z.infer<typeof dutyCheckSchema>
