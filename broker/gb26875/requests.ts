import type { DownlinkRequest } from '../../contract/downlink.ts'
import { command } from '../../contract/gb26875/frame.ts'
import { frameTime } from '../../contract/gb26875/frame-time.ts'
import { applicationData, encodeObjects, type ObjectName, type ObjectOf } from '../../contract/gb26875/objects.ts'

/** What a frame to a device carries. */
export interface Wanted {
  readonly command: number
  readonly data: Uint8Array
}

/** A system of a panel, as its frames name it. */
export interface PanelSystem {
  readonly systemType: number
  readonly systemAddress: number
}

/** Asked while nothing is known of a panel: its fire alarm system, the first. Table 4. */
export const FIRE_ALARM_SYSTEM: PanelSystem = { systemType: 1, systemAddress: 1 }

const wanted = <N extends ObjectName>(number: number, name: N, object: ObjectOf<N>): Wanted => ({
  command: number,
  data: encodeObjects(applicationData(name, [object])),
})

export const readDevice = (): Wanted => wanted(command.request, 'readDeviceState', { reserved: 0 })
export const readSystem = (system: PanelSystem): Wanted => wanted(command.request, 'readSystemState', system)
/** @param at ms since 1970 */
export const setTime = (at: number): Wanted => wanted(command.control, 'setDeviceTime', { clock: frameTime(at) })

/** The frames, in order, that say to a device what is wanted of it. */
export function framesFor(request: DownlinkRequest, systems: readonly PanelSystem[], at: number): readonly Wanted[] {
  switch (request.kind) {
    case 'duty-check':
      return [wanted(command.control, 'dutyCheck', { minutes: request.minutes })]
    case 'read-state':
      return [readDevice(), ...systems.map(readSystem)]
    case 'set-time':
      return [setTime(at)]
    case 'initialise':
      return [wanted(command.control, 'initialiseDevice', { reserved: 0 })]
  }
}
