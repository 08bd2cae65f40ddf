import type { ReactNode } from 'react'
import type { Incident } from '../../../../contract/incidents.ts'
import { formatLeft } from '../format/age.ts'
import { useText } from '../i18n/text.ts'
import { useTick } from '../shell/ticker.ts'
import { isOfPeople } from '../store/queue.ts'
import { confirmedByWords } from './incident-words.ts'

const SECOND_MS = 1000

/** How sure it is, in words: a pre-alarm says when it counts as a fire by itself. */
export function Sureness({ incident }: { readonly incident: Incident }): ReactNode {
  const { t, language } = useText()
  const { verification, verifyBy, state } = incident
  const left = useTick((now) => (verifyBy === null ? 0 : Math.ceil((verifyBy - now) / SECOND_MS)))
  if (!isOfPeople(incident)) return null
  if (verification === 'confirmed')
    return (
      <span className="sure sure-confirmed">
        <strong>{t('incident.confirmed')}</strong>
        <span className="sure-why">{confirmedByWords(incident, language)}</span>
      </span>
    )
  return (
    <span className="sure sure-suspected">
      <strong>{t('incident.preAlarm')}</strong>
      {left > 0 && state !== 'closed' ? (
        <span className="sure-why" role="timer">
          {t('incident.countsIn', { left: formatLeft(left * SECOND_MS, t) })}
        </span>
      ) : null}
    </span>
  )
}

/** When the next contacts are told, if nobody takes it. */
export function Escalation({ incident }: { readonly incident: Incident }): ReactNode {
  const { t } = useText()
  const { step, nextAt } = incident.escalation
  const left = useTick((now) => (nextAt === null ? -1 : Math.max(0, Math.ceil((nextAt - now) / SECOND_MS))))
  if (incident.acknowledgedBy !== null)
    return <span className="escalation quiet">{t('incident.takenBy', { name: incident.acknowledgedBy })}</span>
  if (left < 0) return null
  return (
    <span className="escalation">
      {step > 0 ? `${t('incident.step', { n: step })} · ` : ''}
      {t('incident.nextIn', { left: formatLeft(left * SECOND_MS, t) })}
    </span>
  )
}
