import { type ReactNode, useMemo, useState } from 'react'
import type { QuarantineItem, Rejection } from '../../../../contract/api.ts'
import { isReason, REASONS } from '../../../../contract/reasons.ts'
import { may } from '../../../../contract/roles.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { formatCount } from '../format/amount.ts'
import { todoOf } from '../i18n/reason-todo.ts'
import { inLanguage, type Language, useText } from '../i18n/text.ts'
import { Age, At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { useTick } from '../shell/ticker.ts'
import { useConsole } from '../store/console.ts'

/** How often the page asks again while it is open. */
const REFRESH_MS = 5000
const MESSAGES = 100
const DEVICES_SHOWN = 6

interface ReasonSum {
  readonly reason: string
  readonly fate: Rejection['fate']
  readonly count: number
  readonly lastAt: number
  readonly lastDetail: string
  /** Most frequent first. */
  readonly devices: readonly Rejection[]
}

function sumByReason(rejections: readonly Rejection[]): readonly ReasonSum[] {
  const byReason = Map.groupBy(rejections, (rejection) => rejection.reason)
  return [...byReason]
    .map(([reason, rows]): ReasonSum => {
      const newest = rows.reduce((a, b) => (b.lastAt > a.lastAt ? b : a))
      return {
        reason,
        fate: newest.fate,
        count: rows.reduce((sum, row) => sum + row.count, 0),
        lastAt: newest.lastAt,
        lastDetail: newest.lastDetail,
        devices: rows.toSorted((a, b) => b.count - a.count),
      }
    })
    .sort((a, b) => b.lastAt - a.lastAt)
}

const wordsOf = (reason: string, language: Language): string =>
  isReason(reason) ? inLanguage(REASONS[reason], language) : reason
const otherWordsOf = (reason: string, language: Language): string =>
  isReason(reason) ? inLanguage(REASONS[reason], language === 'zh' ? 'en' : 'zh') : ''

function DeviceNames({ devices }: { readonly devices: readonly Rejection[] }): ReactNode {
  const { t } = useText()
  const named = devices.filter((row) => row.deviceId !== '')
  return (
    <span className="device-names">
      {named.slice(0, DEVICES_SHOWN).map((row) => (
        <Link key={row.deviceId} to={{ page: 'device', id: row.deviceId }} className="chip">
          {row.deviceId}
          {row.count > 1 ? <small> ×{formatCount(row.count)}</small> : null}
        </Link>
      ))}
      {named.length > DEVICES_SHOWN ? (
        <span className="quiet">{t('quarantine.nDevices', { n: named.length - DEVICES_SHOWN })}</span>
      ) : null}
      {named.length === 0 ? <span className="quiet">{t('quarantine.unregistered')}</span> : null}
    </span>
  )
}

function Messages({ reason }: { readonly reason: string | null }): ReactNode {
  const { t, language } = useText()
  const round = useTick((now) => Math.floor(now / REFRESH_MS))
  const { data } = useAnswer(`${reason ?? '*'}@${round}`, (signal) =>
    get<{ readonly items: readonly QuarantineItem[] }>(
      `/api/quarantine${queryOf({ reason, limit: MESSAGES })}`,
      signal,
    ),
  )
  const [kept, setKept] = useState<{ reason: string | null; items: readonly QuarantineItem[] } | null>(null)
  if (data && kept?.items !== data.items) setKept({ reason, items: data.items })
  const items = data?.items ?? (kept?.reason === reason ? kept.items : undefined)
  if (!items) return <p className="quiet">{t('devices.loading')}</p>
  if (items.length === 0) return <p className="quiet">{t('quarantine.noMessages')}</p>
  return (
    <ul className="plain">
      {items.map((item) => (
        <li key={item.id} className="message">
          <div className="message-head">
            <strong>{wordsOf(item.reason, language)}</strong>
            <Link to={{ page: 'device', id: item.deviceId }} className="chip">
              {item.deviceId}
            </Link>
            <span className="quiet push">
              <At at={item.at} /> · {formatCount(item.size)} B
            </span>
          </div>
          {item.detail !== '' ? <p className="message-detail">{item.detail}</p> : null}
          <div className="message-bytes">
            <code className="topic">{item.topic}</code>
            <code className="bytes">{item.preview}</code>
          </div>
        </li>
      ))}
    </ul>
  )
}

export function QuarantinePage(): ReactNode {
  const { t, language } = useText()
  const role = useConsole((s) => s.session?.role)
  const [chosen, choose] = useState<string | null>(null)
  const round = useTick((now) => Math.floor(now / REFRESH_MS))
  const { data, failure } = useAnswer(`rejections@${round}`, (signal) =>
    get<{ readonly items: readonly Rejection[] }>('/api/rejections?limit=5000', signal),
  )
  const [kept, setKept] = useState<readonly Rejection[] | null>(null)
  if (data && kept !== data.items) setKept(data.items)
  const sums = useMemo(() => sumByReason(kept ?? []), [kept])
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('quarantine.title')}</h1>
      </header>
      <p className="lead">{t('quarantine.lead')}</p>
      {kept === null && failure ? <p className="quiet">{t('devices.failed')}</p> : null}
      {kept !== null && sums.length === 0 ? (
        <div className="empty">
          <Icon name="check" size={34} />
          <p className="empty-title">{t('quarantine.none')}</p>
          <p className="quiet">{t('quarantine.noneHint')}</p>
        </div>
      ) : null}
      {sums.length > 0 ? (
        <>
          <h2 className="section">{t('quarantine.byReason')}</h2>
          <ul className="plain reasons">
            {sums.map((sum) => (
              <li key={sum.reason} className={`reason fate-${sum.fate}${chosen === sum.reason ? ' is-current' : ''}`}>
                <button
                  type="button"
                  className="reason-open"
                  aria-pressed={chosen === sum.reason}
                  onClick={() => choose(chosen === sum.reason ? null : sum.reason)}
                >
                  <span className="reason-count">{formatCount(sum.count)}</span>
                  <span className="reason-words">
                    <strong>{wordsOf(sum.reason, language)}</strong>
                    <span className="quiet">{otherWordsOf(sum.reason, language)}</span>
                  </span>
                  <span className={`tag tag-${sum.fate}`}>{t(`quarantine.fate.${sum.fate}`)}</span>
                  <span className="quiet reason-last">
                    <Age at={sum.lastAt} />
                  </span>
                </button>
                <p className="reason-todo">
                  <b>{t('quarantine.todo')}</b> {todoOf(sum.reason, language)}
                </p>
                <div className="reason-detail">
                  <DeviceNames devices={sum.devices} />
                  <span className="quiet">{sum.lastDetail}</span>
                </div>
              </li>
            ))}
          </ul>
          <h2 className="section">
            {t('quarantine.messages')}
            <span className="quiet"> · {chosen === null ? t('quarantine.all') : wordsOf(chosen, language)}</span>
          </h2>
          {role !== undefined && may(role, 'quarantine.read') ? (
            <Messages reason={chosen} />
          ) : (
            <p className="quiet">{t('quarantine.forbidden')}</p>
          )}
        </>
      ) : null}
    </div>
  )
}
