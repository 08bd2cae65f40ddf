import { ALARM_TYPES } from '../../../../contract/alarms.ts'
import { isAboutWaterOnly } from '../../../../contract/alone.ts'
import type { Place } from '../../../../contract/api.ts'
import { readCell } from '../../../../contract/incident-cell.ts'
import { CONFIRMATIONS, type Incident } from '../../../../contract/incidents.ts'
import { inLanguage, type Language, type Text } from '../i18n/text.ts'
import { shortName } from '../queue/alarm-words.ts'
import type { DeviceFacts } from '../store/console-state.ts'
import { placeChain } from '../store/queue.ts'

/** How an incident reads: what it is, how sure, where. */

/** Different kinds of alarm named in a title; more would be a list. */
const TYPES_NAMED = 3

export const titleOf = (incident: Incident, t: Text): string =>
  incident.kind === 'outage'
    ? t('incident.silent', { n: incident.devices })
    : incident.kind === 'care' && isAboutWaterOnly(incident.sources)
      ? t('alone.incidentTitle')
      : t(`incident.kind.${incident.kind}`)

/** "Smoke, Heat rise" */
export function alarmTypesOf({ sources }: Incident, language: Language): string {
  const types = [...new Set(sources.map(({ type }) => type))].slice(0, TYPES_NAMED)
  return types.map((type) => inLanguage(ALARM_TYPES[type], language)).join(language === 'zh' ? '、' : ', ')
}

/** What made it a fire: another detector, a person by name. */
export function confirmedByWords({ confirmedBy }: Incident, language: Language): string {
  if (confirmedBy === null) return ''
  return Object.hasOwn(CONFIRMATIONS, confirmedBy)
    ? inLanguage(CONFIRMATIONS[confirmedBy as keyof typeof CONFIRMATIONS], language)
    : confirmedBy
}

export interface IncidentPlace {
  /** Names from the county down to where it began. */
  readonly path: readonly string[]
  /** Of the device that began it; of an outage, what its devices have in common. */
  readonly what: string
  /** Who to call: the nearest contact on the way up. */
  readonly contact: string | null
  readonly lon: number | null
  readonly lat: number | null
}

/** What the members of an incident outside of homes have in common; '' where the place says it. */
export function cellWords(cell: string | null, devices: ReadonlyMap<string, DeviceFacts>, t: Text): string {
  const common = readCell(cell)
  switch (common?.kind) {
    case 'cell':
      return t('incident.cause.cell', { id: common.id })
    case 'network':
      return t('incident.cause.network')
    case 'device':
    case 'gateway':
      return devices.get(common.id)?.name ?? common.id
    default:
      return ''
  }
}

export function placeOfIncident(
  incident: Incident,
  devices: ReadonlyMap<string, DeviceFacts>,
  places: ReadonlyMap<string, Place>,
  t: Text,
): IncidentPlace {
  const first = incident.sources[0]?.deviceId ?? null
  const device = first === null ? undefined : devices.get(first)
  const chain = placeChain(incident.placeId ?? incident.premisesId ?? device?.place?.id, places)
  const cell = cellWords(incident.cell, devices, t)
  const known = chain.map((place) => place.name).reverse()
  // What hangs on a panel without a place is found by the panel's name.
  const path = known.length === 0 && incident.alarms > 1 && cell !== '' ? [cell] : known
  const named = incident.kind === 'outage' ? (path === known ? cell : '') : (device?.name ?? first ?? cell)
  const positioned = chain.find((place) => place.lon !== null)
  return {
    path,
    what: shortName(named, path),
    contact: chain.find((place) => place.contact !== null)?.contact ?? null,
    lon: positioned?.lon ?? device?.lon ?? null,
    lat: positioned?.lat ?? device?.lat ?? null,
  }
}
