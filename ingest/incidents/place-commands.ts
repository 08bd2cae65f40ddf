import type { IncidentCommand } from '../../contract/events.ts'
import type { DutyCheck, WatchMode } from '../../contract/incidents.ts'
import { watchTarget } from '../../contract/incidents.ts'
import type { RegisteredDevice } from '../../store/state/registry-port.ts'
import type { Draft } from '../draft.ts'
import { type Cause, stableId } from '../stable-id.ts'
import { refuse } from './decide.ts'
import { answered, asked } from './duty.ts'
import { isEndless, LONGEST_WATCH_DAYS } from './watch-modes.ts'

type OnPlace = Exclude<IncidentCommand, { incidentId: string }>

const MINUTE_MS = 60_000

/** A person's command on a place, a device or a duty check, on the draft. */
export function obeyOnPlace(draft: Draft, command: OnPlace, cause: Cause, now: number): void {
  const { commandId, actor, type } = command
  const base = { at: now, commandId, actor }
  const { handling } = draft
  const unknownPlace = { code: 'place.unknown', message: 'There is no place of that id.' }
  switch (type) {
    case 'place.reset':
      if (handling.places.get(command.placeId) === undefined) refuse(draft, command, unknownPlace, now)
      else resetPlace(draft, command.placeId, cause.arrivedAt, { ...base, comment: command.comment })
      return
    case 'watch.set': {
      const { target, mode, until, reason } = command
      const placeId = 'placeId' in target ? target.placeId : null
      const deviceId = 'deviceId' in target ? target.deviceId : null
      const before = handling.watchMode(watchTarget({ placeId, deviceId }))
      const ends = until <= cause.arrivedAt
      if (placeId !== null && handling.places.get(placeId) === undefined && !ends)
        refuse(draft, command, unknownPlace, now)
      else if (ends && before === undefined)
        refuse(draft, command, { code: 'watch.none', message: 'Nothing is under test, drill or isolation there.' }, now)
      else if (isEndless(until, cause.arrivedAt))
        refuse(
          draft,
          command,
          { code: 'watch.too-long', message: `A test, drill or isolation ends within ${LONGEST_WATCH_DAYS} days.` },
          now,
        )
      else {
        const goesOn = before !== undefined && before.mode === mode && before.until > cause.arrivedAt
        const since = goesOn ? before.since : cause.arrivedAt
        const watch: WatchMode = { placeId, deviceId, mode, since, until, by: actor, reason }
        const over = ends && before !== undefined
        const told = over ? { ...before, until: Math.min(before.until, cause.arrivedAt) } : watch
        handling.setWatch(told, over)
        draft.event({ ...base, type: 'watch.changed', watch: told })
      }
      return
    }
    case 'duty.check': {
      if (handling.places.get(command.placeId) === undefined) {
        refuse(draft, command, unknownPlace, now)
        return
      }
      for (const open of handling.dutyChecks())
        if (open.settled === null && open.placeId === command.placeId) {
          refuse(
            draft,
            command,
            { code: 'duty.already-asked', message: 'A duty check of this place runs already.' },
            now,
          )
          return
        }
      const duty: DutyCheck = {
        id: stableId(cause, command.placeId, 'duty'),
        placeId: command.placeId,
        askedAt: cause.arrivedAt,
        askedBy: actor,
        dueAt: cause.arrivedAt + command.minutes * MINUTE_MS,
        answeredAt: null,
        answeredBy: null,
        settled: null,
      }
      asked(draft, duty, command.minutes, base)
      return
    }
    case 'duty.answer': {
      const duty = handling.dutyCheck(command.dutyCheckId)
      if (duty === undefined)
        refuse(draft, command, { code: 'duty.unknown', message: 'There is no duty check of that id.' }, now)
      else if (duty.answeredBy !== null)
        refuse(draft, command, { code: 'duty.answered', message: `${duty.answeredBy} has answered already.` }, now)
      else answered(draft, duty, actor, cause.arrivedAt, base)
    }
  }
}

/** The detectors of a place were reset, by a person or at the panel: what comes again within a minute is confirmed. */
export function resetPlace(
  draft: Draft,
  placeId: string,
  resetAt: number,
  told: {
    readonly at: number
    readonly commandId: string | null
    readonly actor: string | null
    readonly comment: string
  },
  /** The panel it was done at: what another one has seen goes on. Undefined: by a person, of everything there. */
  panelId?: string,
): void {
  const others = panelId === undefined ? new Set<string>() : seenByOthers(draft, placeId, panelId)
  draft.handling.reset(placeId, resetAt)
  draft.event({ ...told, type: 'place.reset', placeId })
  // Somebody was there: the minute of verification is over, and begins again with the next alarm.
  for (const incident of [...draft.handling.openIncidents()])
    if (
      incident.verifyBy !== null &&
      draft.handling.places.within(incident.placeId, placeId) &&
      !incident.sources.some(({ active, deviceId }) => active && deviceId !== null && others.has(deviceId))
    )
      draft.change({ incident: { ...incident, verifyBy: null }, event: 'incident.updated', alarmId: null })
}

/** What stands under other panels of the place: the key at this one has not reset it. */
function seenByOthers({ handling }: Draft, placeId: string, panelId: string): ReadonlySet<string> {
  const devices = handling.fireAndCareIn(placeId)
  const isPanel = ({ kind, gatewayId }: RegisteredDevice): boolean => kind === 'fire-panel' && gatewayId === null
  const panels = new Set(devices.filter(isPanel).map(({ id }) => id))
  const panelOf = ({ id, gatewayId }: RegisteredDevice): string => gatewayId ?? id
  return new Set(devices.filter((one) => panelOf(one) !== panelId && panels.has(panelOf(one))).map(({ id }) => id))
}
