import { KINDS } from '../../contract/kinds.ts'
import { OTHER_KINDS } from './kinds-watched.ts'
import { watch } from './watch.ts'

/** `alarm: true` of a kind whose alarm has no type of its own: a panel, a door contact, a meter. */
export const ownAlarm = watch<never>({
  name: 'ownAlarm',
  type: 'detectorAlarm',
  kinds: OTHER_KINDS,
  reported: { alarmOf: OTHER_KINDS },
  measured: null,
  // Only a panel's alarm is a fire; a meter, a door, a fire main or a gateway that alarms is looked at, not evacuated for.
  severity: (_level, { kind }) => (kind === 'fire-panel' || KINDS[kind].group === 'care' ? 'CRITICAL' : 'MAJOR'),
})
