import type { HydrantEvent } from '../../../../contract/events.ts'
import { CAUSES, RESPONSE_NAMES, RESPONSES } from '../../../../contract/incidents.ts'
import { inLanguage, type Language, type Text } from '../i18n/text.ts'
import { confirmedByWords } from './incident-words.ts'

/** Facts that follow from others, or come with every measurement: the list of facts has them. */
const NOISE: ReadonlySet<HydrantEvent['type']> = new Set(['alarm.raised', 'alarm.updated', 'incident.updated'])

const deed = ({ actor, at }: HydrantEvent): string => `${actor} ${at}`

/** What belongs into the story of an incident. Who takes or closes it does so with its alarms: that is one line. */
export function storyOf(events: readonly HydrantEvent[]): readonly HydrantEvent[] {
  const deeds = new Set(events.filter((event) => 'incident' in event).map(deed))
  return events.filter(
    (event) => !NOISE.has(event.type) && !('alarm' in event && event.actor !== null && deeds.has(deed(event))),
  )
}

interface Words {
  readonly t: Text
  readonly language: Language
  /** Of a responder's id. */
  readonly nameOf: (id: string) => string
}

/** What an event says besides its name, its time and who did it. */
export function eventWords(event: HydrantEvent, { t, language, nameOf }: Words): string {
  if ('message' in event && typeof event.message === 'object') {
    const { channelName, lastError, state } = event.message
    return state === 'sent' || lastError === null ? channelName : `${channelName}: ${lastError}`
  }
  if (!('incident' in event)) return ''
  const { incident } = event
  switch (event.type) {
    case 'incident.confirmed':
      return confirmedByWords(incident, language)
    case 'incident.escalated':
      return t('incident.step', { n: incident.escalation.step })
    case 'incident.dispatched':
      return (event.responderIds ?? []).map(nameOf).join(', ')
    case 'incident.arrived': {
      const newest = RESPONSE_NAMES.toSorted((a, b) => (incident.arrivals[b] ?? 0) - (incident.arrivals[a] ?? 0))[0]
      return newest === undefined ? '' : inLanguage(RESPONSES[newest], language)
    }
    case 'incident.called':
      return event.call === undefined
        ? ''
        : [event.call.who, event.call.number, t(event.call.answered ? 'calls.answered' : 'calls.missed')]
            .filter((word) => word !== '')
            .join(' ')
    case 'incident.closed':
      return [
        incident.disposition === null ? '' : t(`disposition.${incident.disposition}`),
        incident.cause === null ? '' : inLanguage(CAUSES[incident.cause], language),
      ]
        .filter((word) => word !== '')
        .join(' · ')
    default:
      return ''
  }
}
