/** Who may do what in the console and the API. Rights are enforced on the server, per route and per socket event. */
export const ROLES = ['viewer', 'dispatcher', 'water', 'fire', 'care', 'admin'] as const
export type Role = (typeof ROLES)[number]

export const RIGHTS = ['read', 'alarm.act', 'quarantine.read', 'admin'] as const
export type Right = (typeof RIGHTS)[number]

const RIGHTS_OF: Record<Role, readonly Right[]> = {
  viewer: ['read'],
  dispatcher: ['read', 'alarm.act', 'quarantine.read'],
  water: ['read', 'alarm.act', 'quarantine.read'],
  fire: ['read', 'alarm.act', 'quarantine.read'],
  care: ['read', 'alarm.act'],
  admin: ['read', 'alarm.act', 'quarantine.read', 'admin'],
}

export const may = (role: Role, right: Right): boolean => RIGHTS_OF[role].includes(right)
