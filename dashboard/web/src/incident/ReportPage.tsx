import type { ReactNode } from 'react'
import type { HydrantEvent } from '../../../../contract/events.ts'
import type { IncidentDetail } from '../../../../contract/incident-api.ts'
import { CAUSES, type Incident, RESPONSES } from '../../../../contract/incidents.ts'
import { formatCount } from '../format/amount.ts'
import { formatClock, formatDate } from '../format/time.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import type { TimelineEntry } from '../queue/fold-timeline.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { serverNow, useConsole } from '../store/console.ts'
import { eventWords } from './event-words.ts'
import { alarmTypesOf, cellWords, confirmedByWords, titleOf } from './incident-words.ts'
import { clocksOf, formatElapsed } from './race.ts'
import { channelLines, reportLines, stepsOf } from './report-lines.ts'
import { useIncident } from './use-incident.ts'

/** Channels named; the rest is a number. */
const CHANNELS = 6
const exactly = (at: number): string => `${formatDate(at)} ${formatClock(at)}`

/** After it: one page of paper that says what happened, when, who did what, and what it was. */
export function ReportPage({ id }: { readonly id: string }): ReactNode {
  const { t } = useText()
  const { incident, detail, failure } = useIncident(id)
  return (
    <div className="page report-page">
      <p className="report-bar">
        <Link to={{ page: 'incident', id }} className="button">
          <Icon name="left" />
          {t('report.back')}
        </Link>
        <button type="button" className="button button-primary" onClick={() => window.print()}>
          <Icon name="print" />
          {t('act.print')}
        </button>
      </p>
      {incident === undefined || detail === undefined ? (
        <p className="empty quiet">{failure ? t('incident.gone') : t('queue.loading')}</p>
      ) : (
        <Sheet incident={incident} detail={detail} />
      )}
    </div>
  )
}

function Sheet(props: { readonly incident: Incident; readonly detail: IncidentDetail }): ReactNode {
  const { t, language } = useText()
  const { incident, detail } = props
  const session = useConsole((s) => s.session)
  const devices = useConsole((s) => s.devices)
  const disposition = incident.disposition === null ? null : t(`disposition.${incident.disposition}`)
  const sure = t(incident.verification === 'confirmed' ? 'incident.confirmed' : 'incident.preAlarm')
  return (
    <article className="sheet">
      <header className="sheet-head">
        <h1>{t('report.title')}</h1>
        <p>
          {t('report.number')} <b>{incident.id}</b>
          {incident.state === 'closed' ? null : <b className="warn"> {t('report.unfinished')}</b>}
        </p>
      </header>
      <dl className="sheet-facts">
        <Fact word={t('report.what')}>
          <b>{titleOf(incident, t)}</b> · {t(`severity.${incident.severity}`)} · {alarmTypesOf(incident, language)} (
          {t('report.alarms', { n: formatCount(incident.alarms), devices: formatCount(incident.devices) })})
          {incident.mode === 'real' ? null : <b> · {t(`incident.mode.${incident.mode}`)}</b>}
        </Fact>
        <Fact word={t('report.where')}>
          {detail.placePath.join(' › ') || cellWords(incident.cell, devices, t) || '–'}
          {detail.premises?.contact ? ` · ${detail.premises.contact}` : ''}
          {detail.position === null
            ? ''
            : ` · ${detail.position.lon.toFixed(5)}, ${detail.position.lat.toFixed(5)} (WGS-84)`}
        </Fact>
        <Fact word={t('report.sure')}>{[sure, confirmedByWords(incident, language)].filter(Boolean).join(' · ')}</Fact>
        <Fact word={t('report.people')}>{t('incident.people', { n: detail.people })}</Fact>
      </dl>
      <div className="sheet-columns">
        <section>
          <h2>{t('report.times')}</h2>
          <table>
            <tbody>
              {stepsOf(incident).map(({ step, at }) => (
                <tr key={step}>
                  <th scope="row">{t(`report.step.${step}`)}</th>
                  <td>{at === null ? '–' : exactly(at)}</td>
                  <td className="number">
                    {at === null || step === 'measured' ? '' : `+${formatElapsed(at - incident.noticedAt)}`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <section>
          <h2>{t('race.title')}</h2>
          <table>
            <tbody>
              {clocksOf(incident, serverNow()).map(({ response, state, tookMs }) => (
                <tr key={response}>
                  <th scope="row">
                    {t('race.minutes', { n: RESPONSES[response].minutes })} {inLanguage(RESPONSES[response], language)}
                  </th>
                  <td className="number">{state === 'never' || state === 'running' ? '–' : formatElapsed(tookMs)}</td>
                  <td>{state === 'running' ? t('race.pending') : t(`race.${state}`)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <Told detail={detail} />
        </section>
      </div>
      <section>
        <h2>{t('report.who')}</h2>
        <Story detail={detail} />
      </section>
      <section className="sheet-end">
        <h2>{t('report.result')}</h2>
        <p>
          <b>{disposition ?? t('report.unfinished')}</b>
          {incident.cause === null ? '' : ` · ${t('close.cause')}: ${inLanguage(CAUSES[incident.cause], language)}`}
          {incident.closedBy === null ? '' : ` · ${t('report.closedBy', { name: incident.closedBy })}`}
        </p>
        {incident.closingNote ? <p className="sheet-note">{incident.closingNote}</p> : null}
      </section>
      <footer className="sheet-foot">
        <span>{t('report.signature')}</span>
        <span>
          {t('report.printed', { name: session?.name ?? '' })} {exactly(serverNow())}
        </span>
      </footer>
    </article>
  )
}

function Fact(props: { readonly word: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{props.word}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}

function Told({ detail }: { readonly detail: IncidentDetail }): ReactNode {
  const { t } = useText()
  const lines = channelLines(detail.messages)
  return (
    <>
      <h2>{t('messages.title')}</h2>
      {lines.length === 0 ? <p>{t('messages.none')}</p> : null}
      <table className="sheet-told">
        <tbody>
          {lines.slice(0, CHANNELS).map(({ name, sent, lost, waiting }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {(
                  [
                    ['sent', sent],
                    ['gave-up', lost],
                    ['waiting', waiting],
                  ] as const
                )
                  .filter(([, n]) => n > 0)
                  .map(([fate, n]) => `${t(`messages.${fate}`)} ${n}`)
                  .join(' · ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > CHANNELS ? <p>{t('banner.more', { n: lines.length - CHANNELS })}</p> : null}
    </>
  )
}

function Story({ detail }: { readonly detail: IncidentDetail }): ReactNode {
  const { t, language } = useText()
  const { first, leftOut, last } = reportLines(detail.timeline)
  const nameOf = (id: string): string => detail.responders?.find((one) => one.id === id)?.name ?? id
  const words = (event: HydrantEvent): string => eventWords(event, { t, language, nameOf })
  const line = ({ event, count }: TimelineEntry): ReactNode => (
    <tr key={event.seq}>
      <td>{formatClock(event.at)}</td>
      <td>{event.actor ?? t('event.system')}</td>
      <td>
        <div className="sheet-line">
          {t(`event.${event.type}`)}
          {count > 1 ? ` ×${count}` : ''} {words(event)}
          {'comment' in event && event.comment !== '' ? ` “${event.comment}”` : ''}
        </div>
      </td>
    </tr>
  )
  return (
    <table className="sheet-story">
      <tbody>
        {first.map(line)}
        {leftOut === 0 ? null : (
          <tr>
            <td />
            <td />
            <td>{t('report.leftOut', { n: leftOut })}</td>
          </tr>
        )}
        {last.map(line)}
      </tbody>
    </table>
  )
}
