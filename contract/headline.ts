import { ALARM_TYPES, type AlarmType } from './alarms.ts'
import type { Language } from './channels.ts'
import type { IncidentNotice } from './notice.ts'
import type { PublicPlace } from './public-place.ts'

/** An incident in a few words, for messages and for machines' feeds: what it is, how sure that is, and where. */

type Words = Readonly<Record<Language, string>>

const WHAT: Readonly<Record<IncidentNotice['kind'], Words>> = {
  fire: { zh: '火警', en: 'Fire' },
  care: { zh: '紧急求助', en: 'Call for help' },
  water: { zh: '供水异常', en: 'Water supply' },
  outage: { zh: '设备大面积失联', en: 'Many devices out of contact' },
  duty: { zh: '查岗无人应答', en: 'Duty check not answered' },
}
const SURE: Readonly<Record<IncidentNotice['verification'], Words>> = {
  'pre-alarm': { zh: '预警,待核实', en: 'pre-alarm, not verified' },
  confirmed: { zh: '已确认', en: 'confirmed' },
}
const MODE: Readonly<Record<IncidentNotice['mode'], Words>> = {
  real: { zh: '', en: '' },
  test: { zh: '【测试】', en: '[TEST] ' },
  drill: { zh: '【演练】', en: '[DRILL] ' },
}

/** Alarms of the fire group that say that something burns; of the others (gas, cables, water) the message says which. */
const BURNING: ReadonlySet<AlarmType> = new Set(['smoke', 'heat', 'detectorAlarm', 'callPoint'])

export type Subject = Pick<IncidentNotice, 'kind' | 'mode' | 'verification' | 'alarmTypes'>

/** "【演练】火警(已确认)", "[DRILL] Fire (confirmed)". */
export function headline(subject: Subject, language: Language): string {
  const { kind, mode, verification, alarmTypes } = subject
  const [first] = alarmTypes
  const named = kind === 'fire' && first !== undefined && !alarmTypes.some((type) => BURNING.has(type))
  const what = named ? ALARM_TYPES[first][language] : WHAT[kind][language]
  const isJudged = kind === 'fire' || kind === 'care'
  const sure = SURE[verification][language]
  const judged = language === 'zh' ? `(${sure})` : ` (${sure})`
  return `${MODE[mode][language]}${what}${isJudged ? judged : ''}`
}

const NAMELESS: Readonly<Record<string, Words>> = {
  dwelling: { zh: '住户', en: 'dwelling' },
  bed: { zh: '床位', en: 'bed' },
}

/** From the county to the innermost place that may be named. */
export function whereabouts(place: readonly PublicPlace[], language: Language): string {
  const names = place.map(({ kind, name }) => (name === '' ? (NAMELESS[kind]?.[language] ?? '') : name))
  return names.filter((name) => name !== '').join(' · ')
}

export const alarmNames = (types: readonly AlarmType[], language: Language): string =>
  types.map((type) => ALARM_TYPES[type][language]).join(language === 'zh' ? '、' : ', ')
