import { type ReactNode, useState } from 'react'
import type { IncidentEvent } from '../../../../contract/events.ts'
import { type NearbyResponder, RESPONDER_KINDS } from '../../../../contract/homes.ts'
import { formatNumber } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { At } from '../shell/Age.tsx'
import { act } from './incident-act.ts'

const KM_M = 1000
const MINUTE_S = 60

/** Who can be sent, the soonest there first. */
export function Responders(props: {
  readonly incidentId: string
  readonly open: boolean
  readonly responders: readonly NearbyResponder[] | null
  readonly events: readonly IncidentEvent[]
  onCall(who: string, number: string): void
}): ReactNode {
  const { t, language } = useText()
  const { incidentId, open, responders, events, onCall } = props
  // Whom this console has sent: a second press would send them twice before the event is back.
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set())
  const sentAt = new Map<string, number>()
  for (const event of events) for (const id of event.responderIds ?? []) sentAt.set(id, event.at)
  return (
    <section className="panel" aria-label={t('responders.title')}>
      <h2>{t('responders.title')}</h2>
      {responders === null ? (
        <p className="quiet">{t('responders.forbidden')}</p>
      ) : responders.length === 0 ? (
        <p className="quiet">{t('responders.none')}</p>
      ) : (
        <ul className="plain responders">
          {responders.map((one) => {
            const sent = sentAt.get(one.id)
            return (
              <li key={one.id} className="responder">
                <span className="responder-who">
                  <strong>{one.name}</strong>
                  <span className="quiet"> {inLanguage(RESPONDER_KINDS[one.kind], language)}</span>
                  {one.engines > 0 ? (
                    <span className="quiet"> · {t('responders.engines', { n: one.engines })}</span>
                  ) : null}
                </span>
                <span className="responder-way">
                  {one.travelS === null ? null : (
                    <b>{t('responders.minutes', { n: Math.max(1, Math.round(one.travelS / MINUTE_S)) })}</b>
                  )}
                  {one.distanceM === null ? null : <span className="quiet"> {distance(one.distanceM)}</span>}
                </span>
                <span className="responder-acts">
                  {one.phone === '' ? null : (
                    <a href={`tel:${one.phone}`} className="button" onClick={() => onCall(one.name, one.phone)}>
                      {one.phone}
                    </a>
                  )}
                  {sent !== undefined ? (
                    <span className="tag tag-good">
                      {t('responders.sent')} <At at={sent} />
                    </span>
                  ) : open && mayAct('incident.act') ? (
                    <button
                      type="button"
                      className="button"
                      disabled={asked.has(one.id)}
                      aria-label={`${t('responders.send')}: ${one.name}`}
                      onClick={() => {
                        setAsked((ids) => new Set([...ids, one.id]))
                        void act(incidentId, 'dispatch', { responderIds: [one.id] }).then((done) => {
                          if (!done) setAsked((ids) => new Set([...ids].filter((id) => id !== one.id)))
                        })
                      }}
                    >
                      {t('responders.send')}
                    </button>
                  ) : null}
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}

const distance = (metres: number): string =>
  metres < KM_M ? `${Math.round(metres)} m` : `${formatNumber(metres / KM_M, 1)} km`
