import { ALARM_TYPES } from '../../contract/alarms.ts'
import type { Language } from '../../contract/channels.ts'
import type { HydrantEvent, IncidentEvent } from '../../contract/events.ts'
import { alarmNames, headline, whereabouts } from '../../contract/headline.ts'
import type { Incident } from '../../contract/incidents.ts'
import type { PublicPlace } from '../../contract/public-place.ts'
import { cityTime } from './city-time.ts'
import { document, type Element, element } from './xml.ts'

/**
 * An incident in the Common Alerting Protocol 1.2 (OASIS, CAP-v1.2): the newest of its messages, which names the earlier
 * ones. Each message is an event of the incident's log and says what was known then: the same identifier never says two
 * things.
 */

const NAMESPACE = 'urn:oasis:names:tc:emergency:cap:1.2'

/** What of an incident's story is a message of its own to machines. */
const SAID: ReadonlySet<HydrantEvent['type']> = new Set([
  'incident.opened',
  'incident.confirmed',
  'incident.reopened',
  'incident.closed',
])

export interface CapContext {
  /** Who sends: no spaces, commas, `<` or `&` (§3.2.1). */
  readonly sender: string
  readonly place: readonly PublicPlace[]
  /** WGS-84, as CAP asks for. */
  readonly position: { readonly lon: number; readonly lat: number } | undefined
  /** The incident in the console. */
  readonly web: string | undefined
}

export interface CapMessage {
  readonly event: IncidentEvent
  readonly earlier: readonly IncidentEvent[]
}

/** @param events the incident's log, oldest first; undefined: there is nothing to tell yet */
export function newestCapMessage(events: readonly HydrantEvent[]): CapMessage | undefined {
  const said = events.filter((event): event is IncidentEvent => 'incident' in event && SAID.has(event.type))
  const event = said.at(-1)
  return event === undefined ? undefined : { event, earlier: said.slice(0, -1) }
}

export function capAlert({ event, earlier }: CapMessage, context: CapContext): string {
  const { incident } = event
  const { sender } = context
  const reference = (one: IncidentEvent): string => [sender, identifierOf(one), cityTime(one.at)].join(',')
  return document(
    element(
      'alert',
      [
        element('identifier', identifierOf(event)),
        element('sender', sender),
        element('sent', cityTime(event.at)),
        element('status', STATUS[incident.mode]),
        element('msgType', msgTypeOf(incident, earlier)),
        element('scope', 'Restricted'),
        element('restriction', 'For units linked to this control centre; not for the public.'),
        incident.disposition === null ? undefined : element('note', `Closed: ${incident.disposition}`),
        earlier.length === 0 ? undefined : element('references', earlier.map(reference).join(' ')),
        element('incidents', plainId(incident.id)),
        info(incident, context, 'zh', 'zh-CN'),
        info(incident, context, 'en', 'en'),
      ],
      { xmlns: NAMESPACE },
    ),
  )
}

/** §3.2.1: no spaces, commas, `<` or `&`. */
const plainId = (id: string): string => id.replaceAll(/[^\w.:-]/g, '_')
const identifierOf = ({ incident, seq }: IncidentEvent): string => `${plainId(incident.id)}.${seq}`

const STATUS = { real: 'Actual', drill: 'Exercise', test: 'Test' } as const
const CATEGORY = { fire: 'Fire', care: 'Health', water: 'Infra', outage: 'Infra', duty: 'Safety' } as const
const SEVERITY = { CRITICAL: 'Severe', MAJOR: 'Moderate', MINOR: 'Minor', WARNING: 'Minor' } as const

const wasReal = ({ disposition }: Incident): boolean => disposition === 'real'

/** What was no emergency is taken back; what was one is over. */
function msgTypeOf(incident: Incident, earlier: readonly IncidentEvent[]): 'Alert' | 'Update' | 'Cancel' {
  if (earlier.length === 0) return 'Alert'
  return incident.state === 'closed' && !wasReal(incident) ? 'Cancel' : 'Update'
}

function certaintyOf({ verification, severity }: Incident): 'Observed' | 'Likely' | 'Possible' {
  if (verification === 'confirmed') return 'Observed'
  return severity === 'CRITICAL' ? 'Likely' : 'Possible'
}

function info(incident: Incident, { place, position, web }: CapContext, language: Language, tag: string): Element {
  const alarmTypes = [...new Set(incident.sources.map(({ type }) => type))]
  const what = headline({ ...incident, alarmTypes }, language)
  const where = whereabouts(place, language)
  const over = incident.state === 'closed'
  const confirmed = incident.verification === 'confirmed'
  const [first] = alarmTypes
  const todo = first === undefined || over ? undefined : ALARM_TYPES[first][language === 'zh' ? 'doZh' : 'doEn']
  return element('info', [
    element('language', tag),
    element('category', CATEGORY[incident.kind]),
    element('event', what),
    element('responseType', over ? 'AllClear' : confirmed ? 'Execute' : 'Assess'),
    element('urgency', over ? 'Past' : confirmed ? 'Immediate' : 'Expected'),
    element('severity', SEVERITY[incident.severity]),
    element('certainty', over && !wasReal(incident) ? 'Unlikely' : certaintyOf(incident)),
    element('onset', cityTime(incident.openedAt)),
    element('senderName', 'Hydrant'),
    element('headline', [what, where].filter((part) => part !== '').join(' ')),
    alarmTypes.length === 0 ? undefined : element('description', alarmNames(alarmTypes, language)),
    todo === undefined ? undefined : element('instruction', todo),
    web === undefined ? undefined : element('web', web),
    where === '' ? undefined : area(where, position),
  ])
}

/** Who reads it looks for a house, not for a city. Kilometres. */
const RADIUS_KM = 0.1

const area = (where: string, position: CapContext['position']): Element =>
  element('area', [
    element('areaDesc', where),
    position === undefined ? undefined : element('circle', `${position.lat},${position.lon} ${RADIUS_KM}`),
  ])
