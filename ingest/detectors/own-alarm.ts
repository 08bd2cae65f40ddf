import { isComponentModel } from '../../contract/gb26875/components.ts'
import { KINDS, type Kind } from '../../contract/kinds.ts'
import { OTHER_KINDS } from './kinds-watched.ts'
import { watch } from './watch.ts'

/**
 * Only what a panel calls a fire is one, its own and its points'; a meter, a door, a fire main or a gateway that alarms for
 * itself is looked at, not evacuated for.
 */
const FIRE_KINDS: ReadonlySet<Kind> = new Set(['fire-panel', 'fire-detector'])

/** `alarm: true` of a kind whose alarm has no type of its own: a panel, a door contact, a meter. */
export const ownAlarm = watch<never>({
  name: 'ownAlarm',
  type: 'detectorAlarm',
  kinds: OTHER_KINDS,
  reported: { alarmOf: OTHER_KINDS },
  measured: null,
  severity: (_level, { kind, model }) =>
    FIRE_KINDS.has(kind) || isComponentModel(model) || KINDS[kind].group === 'care' ? 'CRITICAL' : 'MAJOR',
})
