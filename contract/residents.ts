import { z } from 'zod'
import { ALARM_TYPES, type Alarm, type AlarmType, isOpen, type Severity } from './alarms.ts'
import type { Place } from './api.ts'
import { PREMISES } from './places.ts'
import type { Role } from './roles.ts'

/** People who live where alarms come from, and the rule who may be told about them (ADR 18). */

interface HealthNeedFacts {
  readonly en: string
  readonly zh: string
}

/** What a rescuer must know before the door is open. */
export const HEALTH_NEEDS = {
  bedridden: { en: 'Bedridden: must be carried', zh: '卧床,需抬运' },
  cannotWalk: { en: 'Cannot walk: wheelchair', zh: '不能行走,需轮椅' },
  oxygen: { en: 'On oxygen', zh: '吸氧' },
  dementia: { en: 'Dementia: may hide or go back', zh: '认知障碍,可能躲藏或返回' },
  deaf: { en: 'Cannot hear', zh: '听不见' },
  blind: { en: 'Cannot see', zh: '看不见' },
  heart: { en: 'Heart disease or pacemaker', zh: '心脏病或起搏器' },
  epilepsy: { en: 'Epilepsy', zh: '癫痫' },
  dialysis: { en: 'Dialysis', zh: '透析' },
} as const satisfies Record<string, HealthNeedFacts>
export type HealthNeed = keyof typeof HEALTH_NEEDS
export const HEALTH_NEED_NAMES = Object.keys(HEALTH_NEEDS) as [HealthNeed, ...HealthNeed[]]

const residentSchema = z.object({
  id: z.string(),
  placeId: z.string(),
  name: z.string(),
  room: z.string().describe('room or bed, as the home calls it'),
  relativePhone: z.string().nullable(),
  health: z.array(z.enum(HEALTH_NEED_NAMES)).describe('what a rescuer must know'),
  note: z.string(),
})
export type Resident = z.infer<typeof residentSchema>

export const residentsAnswerSchema = z.object({
  items: z.array(residentSchema.extend({ placePath: z.array(z.string()).describe('names from the county down') })),
  total: z.number().int(),
  next: z.string().nullable().describe('pass as ?cursor= for the next page'),
})

/** The place of something and those it lies in, from the inside out. */
export type PlacesUpwards = readonly Pick<Place, 'id' | 'kind'>[]

/** An open alarm and where it is: the places upwards from the alarm's own, else from its device's. */
export interface LocatedAlarm {
  readonly alarm: Pick<Alarm, 'id' | 'type' | 'severity' | 'state' | 'test'>
  readonly places: PlacesUpwards
}

/**
 * Open, as bad as it gets, and about people: somebody may have to be got out or looked after now. A drill is not. The
 * water of who lives alone calls by the city's rule: the first deed is to call that very person (ADR 32).
 */
export const callsForHelp = (alarm: LocatedAlarm['alarm']): boolean =>
  isOpen(alarm) && !alarm.test && isAboutPeople(alarm) && alarm.severity === (CALLS_WHEN[alarm.type] ?? 'CRITICAL')

const CALLS_WHEN: Readonly<Partial<Record<AlarmType, Severity>>> = { noUse: 'MAJOR', overUse: 'MAJOR' }

const isAboutPeople = ({ type }: Pick<Alarm, 'type'>): boolean =>
  ALARM_TYPES[type].group === 'fire' || ALARM_TYPES[type].group === 'care'

/**
 * The place whose people an alarm concerns, those in its sub-places included: for fire, smoke and gas the whole home,
 * because everybody in it must get out; for one person's call the very place it came from. Undefined: nobody's.
 */
export function concernedPlace({ alarm, places }: LocatedAlarm): string | undefined {
  const own = places[0]?.id
  if (ALARM_TYPES[alarm.type].group !== 'fire') return own
  return places.find((place) => PREMISES.has(place.kind))?.id ?? own
}

/** Why somebody may be told of a resident: `post` is their daily work, an alarm lasts as long as it is open. */
export type Grounds = { readonly because: 'post' } | { readonly because: 'alarm'; readonly alarmId: string }

/**
 * Whether a role may be told of a resident. Care and administration: always. Dispatcher and fire: only while an alarm
 * that calls for help concerns the place where the resident lives. Everybody else: never.
 *
 * @param home the places upwards from the resident's own
 * @param alarms alarms that may be open; those that do not call for help are passed over
 * @returns on what grounds; undefined: not at all
 */
export function groundsToRead(role: Role, home: PlacesUpwards, alarms: readonly LocatedAlarm[]): Grounds | undefined {
  switch (role) {
    case 'care':
    case 'admin':
      return { because: 'post' }
    case 'dispatcher':
    case 'fire': {
      const involving = alarms.find((located) => involves(located, home))
      return involving === undefined ? undefined : { because: 'alarm', alarmId: involving.alarm.id }
    }
    case 'water':
    case 'viewer':
      return undefined
  }
}

function involves(located: LocatedAlarm, home: PlacesUpwards): boolean {
  if (!callsForHelp(located.alarm)) return false
  const concerned = concernedPlace(located)
  return concerned !== undefined && home.some((place) => place.id === concerned)
}
