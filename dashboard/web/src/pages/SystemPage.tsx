import { type ReactNode, useState } from 'react'
import type { Severity } from '../../../../contract/alarms.ts'
import { SEVERITIES } from '../../../../contract/alarms.ts'
import { DEVICE_STATUSES, type DeviceStatus } from '../../../../contract/api.ts'
import { may } from '../../../../contract/roles.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { DeviceStatusMark } from '../device/DeviceStatusMark.tsx'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { SeverityBadge } from '../queue/SeverityBadge.tsx'
import { Age } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { useTick } from '../shell/ticker.ts'
import { useConsole } from '../store/console.ts'

interface Summary {
  readonly devices: { readonly total: number; readonly byStatus: Readonly<Record<DeviceStatus, number>> }
  readonly alarms: { readonly open: Readonly<Record<Severity, number>> }
  readonly readings: { readonly total: number; readonly perMinute: number; readonly lastAt: number | null }
}

interface Standing {
  readonly ready: boolean
  readonly checks: Readonly<Record<'journal' | 'state' | 'history', string>>
  readonly roles: Readonly<
    Record<'broker' | 'ingest' | 'dashboard', { readonly lastAt: number | null; readonly fresh: boolean }>
  >
  readonly lag: readonly {
    readonly cursor: 'detect' | 'archive'
    readonly lane: 'urgent' | 'bulk' | 'operator'
    readonly records: number
  }[]
}

const REFRESH_MS = 2000
const CHECKS = ['journal', 'state', 'history'] as const
const ROLES = ['broker', 'ingest', 'dashboard'] as const
const LINKS = [
  { href: '/docs', word: 'system.docs' },
  { href: '/metrics', word: 'system.metrics' },
  { href: '/readyz', word: 'system.readyz' },
  { href: '/healthz', word: 'system.healthz' },
] as const

/** Not ready is an answer too: it says what is wrong. */
async function askStanding(signal: AbortSignal): Promise<Standing> {
  const response = await fetch('/readyz', { signal })
  return (await response.json()) as Standing
}

/** Asks again every two seconds; the last answer stays on the screen meanwhile. */
function useFresh<T>(name: string, ask: (signal: AbortSignal) => Promise<T>) {
  const round = useTick((now) => Math.floor(now / REFRESH_MS))
  const { data, failure } = useAnswer(`${name}@${round}`, ask)
  const [kept, setKept] = useState<T | null>(null)
  if (data !== undefined && kept !== data) setKept(data)
  return { data: data ?? kept, failed: failure !== undefined }
}

function Part(props: { readonly name: string; readonly good: boolean; readonly children?: ReactNode }): ReactNode {
  const { t } = useText()
  return (
    <li className={`part ${props.good ? 'part-ok' : 'part-bad'}`}>
      <span className="part-mark">
        <Icon name={props.good ? 'check' : 'close'} size={16} />
      </span>
      <strong>{props.name}</strong>
      <span>{props.good ? t('system.ok') : t('system.bad')}</span>
      <span className="quiet push">{props.children}</span>
    </li>
  )
}

export function SystemPage(): ReactNode {
  const { t } = useText()
  const mayAudit = useConsole((s) => s.session != null && may(s.session.role, 'audit.read'))
  const { data: standing, failed } = useFresh('readyz', askStanding)
  const { data: summary } = useFresh('summary', (signal) => get<Summary>('/api/summary', signal))
  const ready = standing?.ready === true && !failed
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('system.title')}</h1>
        {standing || failed ? (
          <span className={`verdict ${ready ? 'verdict-ok' : 'verdict-bad'}`}>
            <Icon name={ready ? 'check' : 'close'} />
            {failed ? t('system.failed') : ready ? t('system.ready') : t('system.notReady')}
          </span>
        ) : null}
        {mayAudit ? (
          <Link to={{ page: 'audit' }} className="button">
            <Icon name="audit" />
            {t('nav.audit')}
          </Link>
        ) : null}
      </header>
      {summary ? (
        <section className="panel panel-wide">
          <h2>{t('system.throughput')}</h2>
          <ul className="values values-big">
            <li className="value">
              <span className="value-name">{t('system.perMinute')}</span>
              <span className="value-figure">{formatCount(summary.readings.perMinute)}</span>
            </li>
            <li className="value">
              <span className="value-name">{t('system.total')}</span>
              <span className="value-figure">{formatCount(summary.readings.total)}</span>
            </li>
            <li className="value">
              <span className="value-name">{t('system.lastReading')}</span>
              <span className="value-figure">
                {summary.readings.lastAt === null ? '–' : <Age at={summary.readings.lastAt} />}
              </span>
            </li>
          </ul>
        </section>
      ) : null}
      {standing ? (
        <>
          <section className="panel">
            <h2>{t('system.checks')}</h2>
            <ul className="plain">
              {ROLES.map((role) => {
                const { fresh, lastAt } = standing.roles[role]
                return (
                  <Part key={role} name={t(`system.part.${role}`)} good={fresh}>
                    {lastAt === null ? '–' : <Age at={lastAt} />}
                  </Part>
                )
              })}
              {CHECKS.map((check) => (
                <Part key={check} name={t(`system.part.${check}`)} good={standing.checks[check] === 'ok'}>
                  {standing.checks[check] === 'ok' ? null : standing.checks[check]}
                </Part>
              ))}
            </ul>
          </section>
          <section className="panel">
            <h2>{t('system.lag')}</h2>
            <p className="quiet">{t('system.lagHint')}</p>
            <ul className="plain">
              {standing.lag.map(({ cursor, lane, records }) => (
                <li key={`${cursor}-${lane}`} className="part">
                  <strong>{t(`system.lane.${lane}`)}</strong>
                  <span>{t(`system.cursor.${cursor}`)}</span>
                  <span className={records > 0 ? 'push' : 'push quiet'}>
                    {records > 0 ? t('system.behind', { n: formatCount(records) }) : t('system.upToDate')}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        </>
      ) : null}
      {summary ? (
        <>
          <section className="panel">
            <h2>
              {t('system.fleet')} <span className="quiet">{formatCount(summary.devices.total)}</span>
            </h2>
            <ul className="plain">
              {DEVICE_STATUSES.map((status) => (
                <li key={status} className="part">
                  <DeviceStatusMark status={status} />
                  <span className="push number">{formatCount(summary.devices.byStatus[status] ?? 0)}</span>
                </li>
              ))}
            </ul>
          </section>
          <section className="panel">
            <h2>{t('system.alarms')}</h2>
            <ul className="plain">
              {SEVERITIES.map((severity) => (
                <li key={severity} className="part">
                  <SeverityBadge severity={severity} />
                  <span className="push number">{formatCount(summary.alarms.open[severity] ?? 0)}</span>
                </li>
              ))}
            </ul>
          </section>
        </>
      ) : null}
      <section className="panel panel-wide">
        <h2>{t('system.links')}</h2>
        <p className="links">
          {LINKS.map(({ href, word }) => (
            <a key={href} href={href} target="_blank" rel="noreferrer" className="button">
              <Icon name="external" />
              {t(word)} <code>{href}</code>
            </a>
          ))}
        </p>
      </section>
    </div>
  )
}
