import type { Alarm } from '../../contract/alarms.ts'
import { callsForHelp, type LocatedAlarm, type PlacesUpwards } from '../../contract/residents.ts'
import type { Desk } from '../desk.ts'

/** Alarms read in one go; critical ones are few. */
const ALARM_PAGE = 1000

export const placesUpwards = (desk: Desk, placeId: string | null): PlacesUpwards => desk.places.upwards(placeId)

/** Where an alarm is: at the place it names, else where its device is. */
export function placesOfAlarm(desk: Desk, alarm: Alarm): PlacesUpwards {
  const device = alarm.deviceId === null ? undefined : desk.fleet.get(alarm.deviceId)
  return placesUpwards(desk, alarm.placeId ?? device?.placeId ?? null)
}

/** What is looked through for alarms that call for help: nobody's leaks and flat batteries. */
const WHICH_MAY_CALL = [{ severity: 'CRITICAL' }, { type: 'noUse' }, { type: 'overUse' }] as const

/** Every open alarm that calls for help, read from the state: a copy could still hold one that was closed just now. */
export async function openAlarmsThatCall(desk: Desk): Promise<readonly LocatedAlarm[]> {
  const located: LocatedAlarm[] = []
  for (const which of WHICH_MAY_CALL) {
    let cursor: string | undefined
    do {
      const page = await desk.stores.views.alarms({ state: 'open', ...which, limit: ALARM_PAGE, cursor })
      for (const alarm of page.items)
        if (callsForHelp(alarm)) located.push({ alarm, places: placesOfAlarm(desk, alarm) })
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
  }
  return located
}
