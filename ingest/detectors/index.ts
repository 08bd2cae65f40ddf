import { battery } from './battery.ts'
import { burst } from './burst.ts'
import { callPoint, panicButton } from './buttons.ts'
import { co } from './co.ts'
import { continuousFlow } from './continuous-flow.ts'
import type { Detector } from './detector.ts'
import { dryFlag, faultFlag } from './device-flags.ts'
import { cableHeat, electrical } from './electrical.ts'
import { exitDoor } from './exit-door.ts'
import { fireWater } from './fire-water.ts'
import { freeze } from './freeze.ts'
import { gas } from './gas.ts'
import { heat } from './heat.ts'
import { noUse } from './no-use.ts'
import { overUse } from './over-use.ts'
import { ownAlarm } from './own-alarm.ts'
import { recurringFlow } from './recurring-flow.ts'
import { reverseFlow } from './reverse-flow.ts'
import { smoke } from './smoke.ts'
import { stuck } from './stuck.ts'
import { tamper } from './tamper.ts'
import { undersized } from './undersized.ts'
import { plantPressure, tankLevel, waterQuality } from './water-quality.ts'

/**
 * Every detector, one per alarm type. The list forgets each one's type of state: a state comes out of the store as plain
 * data, under the name of the detector that made it, and goes back to that detector only.
 */
export const DETECTORS: readonly Detector<unknown>[] = [
  smoke,
  heat,
  co,
  gas,
  callPoint,
  panicButton,
  ownAlarm,
  electrical,
  cableHeat,
  fireWater,
  exitDoor,
  burst,
  continuousFlow,
  recurringFlow,
  reverseFlow,
  freeze,
  tamper,
  dryFlag,
  stuck,
  undersized,
  noUse,
  overUse,
  waterQuality,
  tankLevel,
  plantPressure,
  faultFlag,
  battery,
]
