import type { ReactNode } from 'react'
import { DISPOSITIONS } from '../../../../contract/alarms.ts'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import type { ListedIncident } from '../../../../contract/incident-api.ts'
import { CAUSES } from '../../../../contract/incidents.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { formatSpan } from '../format/age.ts'
import { formatDate } from '../format/time.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { titleOf } from '../incident/incident-words.ts'
import { Link } from '../shell/Link.tsx'
import { serverNow } from '../store/console.ts'
import { isDrillDue } from './concerns.ts'

const SHOWN = 8

/** What its incidents turned out to be, and its drills: the record that a supervisor asks for. */
export function HomeRecord({ home }: { readonly home: HomeDetail }): ReactNode {
  const { t, language } = useText()
  const { data } = useAnswer(`record ${home.id} ${home.openIncidents}`, (signal) =>
    get<{ readonly items: readonly ListedIncident[]; readonly total: number }>(
      `/api/incidents${queryOf({ premisesId: home.id, state: 'all', limit: SHOWN })}`,
      signal,
    ),
  )
  const closed = DISPOSITIONS.reduce((sum, one) => sum + (home.incidents[one] ?? 0), 0)
  return (
    <section className="panel" aria-label={t('record.title')}>
      <h2>{t('record.title')}</h2>
      <ul className="record-sums">
        {DISPOSITIONS.map((one) => (
          <li key={one}>
            <strong>{home.incidents[one] ?? 0}</strong>
            <span>{t(`disposition.${one}`)}</span>
          </li>
        ))}
      </ul>
      <p className="quiet">{t('record.year', { n: closed })}</p>
      {data === undefined || data.items.length === 0 ? null : (
        <ul className="plain record">
          {data.items.map((incident) => (
            <li key={incident.id}>
              <time dateTime={new Date(incident.noticedAt).toISOString()}>{formatDate(incident.noticedAt)}</time>
              <Link to={{ page: 'incident', id: incident.id }}>{titleOf(incident, t)}</Link>
              <span className="quiet">
                {incident.state !== 'closed'
                  ? t(`incident.state.${incident.state}`)
                  : [
                      incident.disposition === null ? null : t(`disposition.${incident.disposition}`),
                      incident.cause === null ? null : inLanguage(CAUSES[incident.cause], language),
                    ]
                      .filter((one) => one !== null)
                      .join(' · ')}
              </span>
            </li>
          ))}
        </ul>
      )}
      <h3>{t('record.drills')}</h3>
      {isDrillDue(home, serverNow()) ? <p className="warn">{t('record.drillDue')}</p> : null}
      {home.drills.length === 0 ? <p className="quiet">{t('drill.never')}</p> : null}
      <ul className="plain record">
        {home.drills.map(({ since, until, by, reason }) => (
          <li key={since}>
            <time dateTime={new Date(since).toISOString()}>{formatDate(since)}</time>
            <span>{formatSpan(until - since, t)}</span>
            <span className="quiet">
              {by}: {reason}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
