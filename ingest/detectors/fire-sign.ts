import { ALARM_TYPES, type AlarmType, type Severity, severityRank } from '../../contract/alarms.ts'

/** What may be a fire, as against what makes one likelier or the rescue harder (cables, fire water, exits). */
const FIRE_TYPES: ReadonlySet<AlarmType> = new Set(['smoke', 'heat', 'co', 'gas', 'detectorAlarm', 'callPoint'])
/** Below it a device wants attention, nobody runs: a meter's own alarm is MAJOR, a freezing one MINOR. */
const LEAST = severityRank('MAJOR')

/**
 * Whether what one device says is a pre-alarm: somebody is called to look, and a second detector of the same fire zone
 * makes it a confirmed fire. One device is never more than a pre-alarm, however loud, except a call point.
 */
export function isFireSign(said: {
  readonly type: AlarmType
  /** Absent: the type's own. */
  readonly severity?: Severity
  readonly test?: boolean
}): boolean {
  const severity = said.severity ?? ALARM_TYPES[said.type].severity
  return FIRE_TYPES.has(said.type) && severityRank(severity) <= LEAST && said.test !== true
}
