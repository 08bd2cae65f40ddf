import { type ReactNode, useEffect, useState } from 'react'
import type { ListedIncident } from '../../../../contract/incident-api.ts'
import { INCIDENT_KINDS } from '../../../../contract/incidents.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { alarmTypesOf, titleOf } from '../incident/incident-words.ts'
import { SeverityBadge } from '../queue/SeverityBadge.tsx'
import { At } from '../shell/Age.tsx'
import { Link } from '../shell/Link.tsx'
import { useConsole } from '../store/console.ts'
import { isUntaken } from '../store/queue.ts'

interface IncidentList {
  readonly items: readonly ListedIncident[]
  readonly total: number
}

const PAGE = 100
/** The API's upper limit for one page. */
const MOST = 1000
/** News is shown this soon; a flood asks no more often. */
const GATHER_MS = 500

/** Every incident, also closed ones: where an after-report is found again. */
export function IncidentsPage(): ReactNode {
  const { t, language } = useText()
  const [state, setState] = useState<'open' | 'all'>('all')
  const [kind, setKind] = useState('')
  const [limit, setLimit] = useState(PAGE)
  const news = useConsole((s) => s.incidentSeq)
  const answer = useAnswer(`incidents ${state} ${kind} ${limit}`, (signal) =>
    get<IncidentList>(`/api/incidents${queryOf({ state, kind, limit })}`, signal),
  )
  const { reload, data } = answer
  // biome-ignore lint/correctness/useExhaustiveDependencies: news of any incident may change the list
  useEffect(() => {
    const timer = setTimeout(reload, GATHER_MS)
    return () => clearTimeout(timer)
  }, [news, reload])
  return (
    <div className="page page-fill">
      <header className="page-head">
        <h1>{t('incidents.title')}</h1>
        <span className="quiet">{data ? t('incidents.total', { n: formatCount(data.total) }) : ''}</span>
      </header>
      <div className="list-filters">
        <fieldset className="segments" aria-label={t('queue.stateLabel')}>
          {(['open', 'all'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(one)}>
              {t(`queue.${one}`)}
            </button>
          ))}
        </fieldset>
        <label>
          {t('devices.kind')}
          <select value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="">{t('devices.any')}</option>
            {INCIDENT_KINDS.map((one) => (
              <option key={one} value={one}>
                {t(`incident.kind.${one}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard */}
      <section className="list" aria-label={t('incidents.title')} tabIndex={0}>
        {data === undefined || data.items.length === 0 ? (
          <p className="empty quiet">
            {answer.failure ? t('devices.failed') : data === undefined ? t('queue.loading') : t('incidents.none')}
          </p>
        ) : (
          <table>
            <thead>
              <tr>
                <th scope="col">{t('incidents.when')}</th>
                <th scope="col">{t('incidents.what')}</th>
                <th scope="col">{t('devices.place')}</th>
                <th scope="col">{t('incidents.state')}</th>
                <th scope="col">{t('incidents.result')}</th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((incident) => (
                <tr key={incident.id}>
                  <td>
                    <At at={incident.noticedAt} />
                  </td>
                  <td className="list-name">
                    <Link to={{ page: 'incident', id: incident.id }}>
                      {titleOf(incident, t)}{' '}
                      {incident.alarms > 1 && incident.kind !== 'outage' ? `×${formatCount(incident.alarms)}` : ''}
                    </Link>
                    <small className="quiet">
                      {incident.mode === 'real' ? '' : `${t(`incident.mode.${incident.mode}`)} · `}
                      {alarmTypesOf(incident, language)}
                    </small>
                  </td>
                  <td className="list-place">{incident.placePath.join(' › ') || incident.cell}</td>
                  <td className="list-state">
                    <SeverityBadge
                      severity={incident.severity}
                      hollow={!isUntaken(incident) || incident.state === 'closed'}
                    />
                    <small className="quiet">{t(`incident.state.${incident.state}`)}</small>
                  </td>
                  <td>
                    {incident.state !== 'closed' ? (
                      (incident.acknowledgedBy ?? '–')
                    ) : (
                      <Link to={{ page: 'report', id: incident.id }}>
                        {incident.disposition === null ? t('report.open') : t(`disposition.${incident.disposition}`)}
                      </Link>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {data !== undefined && data.items.length < data.total && limit < MOST ? (
          <button
            type="button"
            className="button button-more"
            onClick={() => setLimit((n) => Math.min(MOST, n + PAGE))}
          >
            {t('queue.more', { n: Math.min(PAGE, data.total - data.items.length) })}
          </button>
        ) : null}
      </section>
    </div>
  )
}
