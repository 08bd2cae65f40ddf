import type { ClientToServer } from './live.ts'

/**
 * Who may do what in the console and the API: the one place. Rights are enforced on the server, per route (each declares
 * one) and per socket event (the table below).
 */
export const ROLES = ['viewer', 'dispatcher', 'water', 'fire', 'care', 'admin'] as const
export type Role = (typeof ROLES)[number]

/**
 * read           what the console shows, and one's own account
 * alarm.act      acknowledge, comment, close
 * incident.act   take, confirm, dispatch, tell, close an incident; say that detectors were reset
 * watch.set      test, drill, isolation: alarms of a place stop calling people until it ends
 * duty.check     ask a control room whether somebody is there, and answer for it
 * quarantine.read  payloads that could not be understood
 * quarantine.replay  decode them anew: may add to history and to what is known of a device
 * audit.read     who did what
 * resident.read  may ask who lives somewhere; of whom they are told, `contract/residents.ts` decides
 * contact.read   names and telephones of a home's staff and of those who can be sent
 * place.edit     places, floor plans, staff, responders: by hand or from a table
 * use.read       what a household draws, by the hour and the day; of whom `use.watched` tells, `contract/household-use.ts` says
 * use.watched    the same, of those who live alone and are watched by their water
 * water.edit     repair work orders; where meters stand, what bulk meters join, exchanges of meters
 * alone.edit     who lives alone and is watched by the water: to see them, contacts, away dates, answers
 * hazard.edit    open a hazard, photograph it, give it an owner and a deadline, claim it done
 * hazard.judge   one of the three verdicts; whose which is, `contract/hazards.ts` decides
 * admin          users, audit, and whatever changes Hydrant itself
 */
export const RIGHTS = [
  'read',
  'alarm.act',
  'incident.act',
  'watch.set',
  'duty.check',
  'quarantine.read',
  'quarantine.replay',
  'resident.read',
  'audit.read',
  'contact.read',
  'place.edit',
  'use.read',
  'use.watched',
  'water.edit',
  'alone.edit',
  'hazard.edit',
  'hazard.judge',
  'admin',
] as const
export type Right = (typeof RIGHTS)[number]

const RIGHTS_OF: Record<Role, readonly Right[]> = {
  viewer: ['read'],
  dispatcher: [
    'read',
    'alarm.act',
    'incident.act',
    'watch.set',
    'duty.check',
    'quarantine.read',
    'resident.read',
    'contact.read',
    'alone.edit',
    'hazard.edit',
    'hazard.judge',
  ],
  water: ['read', 'alarm.act', 'incident.act', 'quarantine.read', 'quarantine.replay', 'use.read', 'water.edit'],
  fire: [
    'read',
    'alarm.act',
    'incident.act',
    'watch.set',
    'duty.check',
    'quarantine.read',
    'quarantine.replay',
    'resident.read',
    'contact.read',
    'place.edit',
    'hazard.edit',
    'hazard.judge',
  ],
  care: [
    'read',
    'alarm.act',
    'incident.act',
    'duty.check',
    'resident.read',
    'contact.read',
    'place.edit',
    'use.watched',
    'alone.edit',
    'hazard.edit',
    'hazard.judge',
  ],
  admin: RIGHTS,
}

export const may = (role: Role, right: Right): boolean => RIGHTS_OF[role].includes(right)

/** What a socket must be allowed to do before an event of it is looked at. An event that is not here is refused. */
export const SOCKET_RIGHTS = {
  hello: 'read',
  watch: 'read',
  unwatch: 'read',
  acknowledge: 'alarm.act',
  comment: 'alarm.act',
  acknowledgeIncident: 'incident.act',
  muted: 'read',
} as const satisfies Record<keyof ClientToServer, Right>

export const isSocketEvent = (name: string): name is keyof ClientToServer => Object.hasOwn(SOCKET_RIGHTS, name)
