import { type ReactNode, useMemo, useState } from 'react'
import type { Rejection } from '../../../../contract/api.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { formatCount } from '../format/amount.ts'
import { todoOf } from '../i18n/reason-todo.ts'
import { useText } from '../i18n/text.ts'
import { Age } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { useTick } from '../shell/ticker.ts'
import { wordsOf } from './reason-words.ts'

const REFRESH_MS = 5000
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

/** Everything that was refused, set aside or quarantined, counted by reason: nothing is dropped without standing here. */
export function TurnedAway(): ReactNode {
  const { t, language } = useText()
  const round = useTick((now) => Math.floor(now / REFRESH_MS))
  const { data, failure } = useAnswer(`rejections@${round}`, (signal) =>
    get<{ readonly items: readonly Rejection[] }>('/api/rejections?limit=5000', signal),
  )
  const [kept, setKept] = useState<readonly Rejection[] | null>(null)
  if (data && kept !== data.items) setKept(data.items)
  const sums = useMemo(() => sumByReason(kept ?? []), [kept])
  if (kept === null) return <p className="quiet">{failure ? t('devices.failed') : t('devices.loading')}</p>
  if (sums.length === 0)
    return (
      <div className="empty">
        <Icon name="check" size={34} />
        <p className="empty-title">{t('quarantine.none')}</p>
        <p className="quiet">{t('quarantine.noneHint')}</p>
      </div>
    )
  return (
    <ul className="plain reasons">
      {sums.map((sum) => (
        <li key={sum.reason} className={`reason fate-${sum.fate}`}>
          <div className="reason-open">
            <span className="reason-count">{formatCount(sum.count)}</span>
            <span className="reason-words">
              <strong>{wordsOf(sum.reason, language)}</strong>
              <span className="quiet">{wordsOf(sum.reason, language === 'zh' ? 'en' : 'zh')}</span>
            </span>
            <span className={`tag tag-${sum.fate}`}>{t(`quarantine.fate.${sum.fate}`)}</span>
            <span className="quiet reason-last">
              <Age at={sum.lastAt} />
            </span>
          </div>
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
  )
}
