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
 * quarantine.read  payloads that could not be understood
 * quarantine.replay  decode them anew: may add to history and to what is known of a device
 * audit.read     who did what
 * resident.read  may ask who lives somewhere; of whom they are told, `contract/residents.ts` decides
 * admin          users, audit, and whatever changes Hydrant itself
 */
export const RIGHTS = [
  'read',
  'alarm.act',
  'quarantine.read',
  'quarantine.replay',
  'resident.read',
  'audit.read',
  'admin',
] as const
export type Right = (typeof RIGHTS)[number]

const RIGHTS_OF: Record<Role, readonly Right[]> = {
  viewer: ['read'],
  dispatcher: ['read', 'alarm.act', 'quarantine.read', 'resident.read'],
  water: ['read', 'alarm.act', 'quarantine.read', 'quarantine.replay'],
  fire: ['read', 'alarm.act', 'quarantine.read', 'quarantine.replay', 'resident.read'],
  care: ['read', 'alarm.act', 'resident.read'],
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
  muted: 'read',
} as const satisfies Record<keyof ClientToServer, Right>

export const isSocketEvent = (name: string): name is keyof ClientToServer => Object.hasOwn(SOCKET_RIGHTS, name)
