import type { Alarm } from '../../contract/alarms.ts'
import { isActive } from '../../contract/alarms.ts'
import type { AlarmCommand, NewEvent } from '../../contract/events.ts'

/** What a person's command does. `alarm` is absent where it was refused. */
export interface Outcome {
  readonly alarm?: Alarm
  readonly event: NewEvent
}

/**
 * A command of the operator lane on the alarm it names → the alarm and the event that answers it. Also an alarm that is over
 * can be commented and given its disposition: that it was false is often known only afterwards.
 * @param at when the command arrived: the time a person acted
 * @param decidedAt when it is decided: the event's time
 */
export function obey(command: AlarmCommand, alarm: Alarm | undefined, at: number, decidedAt: number): Outcome {
  const base = { at: decidedAt, commandId: command.commandId, actor: command.actor }
  const refuse = (code: string, message: string): Outcome => ({
    event: { ...base, type: 'command.refused', code, message },
  })
  if (alarm === undefined) return refuse('alarm.unknown', 'There is no alarm of that id.')
  const comment = command.comment
  switch (command.type) {
    case 'alarm.comment':
      return { alarm, event: { ...base, type: 'alarm.commented', alarm, comment } }
    case 'alarm.acknowledge': {
      if (alarm.ackBy !== null)
        return refuse('alarm.already-acknowledged', `${alarm.ackBy} has acknowledged this alarm already.`)
      const next: Alarm = {
        ...alarm,
        state: isActive(alarm) ? 'ACTIVE_ACK' : 'CLEARED_ACK',
        ackBy: command.actor,
        ackAt: at,
        closedBy: isActive(alarm) ? null : command.actor,
      }
      return { alarm: next, event: { ...base, type: 'alarm.acknowledged', alarm: next, comment } }
    }
    case 'alarm.close': {
      // Also while the condition holds (a removed sensor never clears): seen again, it is a new alarm and rings.
      const next: Alarm = {
        ...alarm,
        state: 'CLEARED_ACK',
        ackBy: alarm.ackBy ?? command.actor,
        ackAt: alarm.ackAt ?? at,
        clearedAt: alarm.clearedAt ?? at,
        closedBy: command.actor,
        disposition: command.disposition,
      }
      return { alarm: next, event: { ...base, type: 'alarm.closed', alarm: next, comment } }
    }
  }
}
