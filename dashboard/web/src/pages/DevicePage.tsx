import { type ReactNode, useState } from 'react'
import type { DeviceDetail, QuarantineItem } from '../../../../contract/api.ts'
import { LIMITS } from '../../../../contract/detection-limits.ts'
import { KINDS } from '../../../../contract/kinds.ts'
import { isQuantity, QUANTITIES, type Quantity, type Value } from '../../../../contract/quantities.ts'
import { isReason, REASONS } from '../../../../contract/reasons.ts'
import { may } from '../../../../contract/roles.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { HistoryChart, RANGES, type Range } from '../chart/HistoryChart.tsx'
import { DeviceStatusMark, LastHeard } from '../device/DeviceStatusMark.tsx'
import { LiveValues, useWatched } from '../device/LiveValues.tsx'
import { formatSpan } from '../format/age.ts'
import { quantityName, wordsFor } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { typeOf } from '../queue/alarm-words.ts'
import { SeverityBadge } from '../queue/SeverityBadge.tsx'
import { At, Lasting } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { go } from '../shell/route.ts'
import { serverNow, useConsole } from '../store/console.ts'
import { compareAlarms, isUnacknowledged } from '../store/queue.ts'
import { view } from '../store/view.ts'
import { MeterSection } from '../water/MeterSection.tsx'

interface Readings {
  readonly at: readonly number[]
  readonly fields: Readonly<Record<string, readonly (Value | null)[]>>
  readonly truncated: boolean
}

const RANGE_NAMES = Object.keys(RANGES) as Range[]
const HOUR_MS = 3_600_000
/** Looked back for the table of readings; the API answers the oldest of a range first. */
const READINGS_BACK_MS = 24 * HOUR_MS
const READINGS_ASKED = 5000
const READINGS_SHOWN = 40
const QUARANTINE_SHOWN = 10
const STREET_ZOOM = 14

const drawable = (quantity: Quantity): boolean => QUANTITIES[quantity].type === 'number'
/** Registers first: consumption is what a meter is for. */
const curveOrder = (quantity: Quantity): number => {
  const facts = QUANTITIES[quantity]
  if (quantity === 'battery' || quantity === 'rssi') return 2
  return 'register' in facts ? 0 : 1
}

function RecentReadings({ id, lastAt }: { readonly id: string; readonly lastAt: number | null }): ReactNode {
  const { t, language } = useText()
  const { data, failure } = useAnswer(`${id}@${lastAt ?? 0}`, (signal) => {
    const to = Math.max(serverNow(), lastAt ?? 0) + 1000
    const from = Math.min(to, lastAt ?? to) - READINGS_BACK_MS
    return get<Readings>(
      `/api/devices/${encodeURIComponent(id)}/readings${queryOf({ from: Math.max(0, Math.floor(from)), to: Math.ceil(to), limit: READINGS_ASKED })}`,
      signal,
    )
  })
  const [kept, setKept] = useState<{ id: string; data: Readings } | null>(null)
  if (data && kept?.data !== data) setKept({ id, data })
  const readings = data ?? (kept?.id === id ? kept.data : undefined)
  if (!readings) {
    if (failure) return <p className="quiet">{t(failure.code === 'history.away' ? 'chart.away' : 'chart.failed')}</p>
    return <p className="quiet">{t('chart.loading')}</p>
  }
  if (readings.at.length === 0) return <p className="quiet">{t('device.noReadings')}</p>
  const quantities = Object.keys(readings.fields)
  const indexes = readings.at
    .map((_, i) => i)
    .slice(-READINGS_SHOWN)
    .reverse()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by the keyboard
    <section className="table-scroll" aria-label={t('device.readings')} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t('device.time')}</th>
            {quantities.map((quantity) => (
              <th key={quantity} scope="col" className="number">
                {quantityName(quantity, language)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {indexes.map((i) => (
            <tr key={i}>
              <td>
                <At at={readings.at[i] ?? 0} />
              </td>
              {quantities.map((quantity) => {
                const value = readings.fields[quantity]?.[i]
                const amount = value === null || value === undefined ? null : wordsFor(quantity, value, t)
                return (
                  <td key={quantity} className="number">
                    {amount ? (
                      <>
                        {amount.figure} <small className="quiet">{amount.unit}</small>
                      </>
                    ) : (
                      <span className="quiet">–</span>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {readings.at.length > READINGS_SHOWN ? <p className="quiet note">{t('device.truncated')}</p> : null}
    </section>
  )
}

function Misunderstood({ id }: { readonly id: string }): ReactNode {
  const { t, language } = useText()
  const { data } = useAnswer(id, (signal) =>
    get<{ readonly items: readonly QuarantineItem[] }>(
      `/api/quarantine${queryOf({ deviceId: id, limit: QUARANTINE_SHOWN })}`,
      signal,
    ),
  )
  if (!data || data.items.length === 0) return <p className="quiet">{t('device.noQuarantine')}</p>
  return (
    <ul className="plain">
      {data.items.map((item) => (
        <li key={item.id} className="misunderstood">
          <At at={item.at} />
          <strong>{isReason(item.reason) ? inLanguage(REASONS[item.reason], language) : item.reason}</strong>
          <span className="quiet">{item.detail}</span>
          {item.preview === '' ? null : <code className="bytes">{item.preview}</code>}
        </li>
      ))}
    </ul>
  )
}

function History({ id, quantities }: { readonly id: string; readonly quantities: readonly Quantity[] }): ReactNode {
  const { t, language } = useText()
  const curves = quantities.filter(drawable).sort((a, b) => curveOrder(a) - curveOrder(b))
  const [chosen, choose] = useState<Quantity | null>(null)
  const [chosenRange, setRange] = useState<Range | null>(null)
  const quantity = chosen !== null && curves.includes(chosen) ? chosen : curves[0]
  if (!quantity) return null
  // A meter is looked at by the day, a detector by the minute.
  const range = chosenRange ?? (curveOrder(quantity) === 0 ? '24h' : '1h')
  return (
    <section className="panel panel-wide">
      <div className="heading">
        <h2>{t('device.history')}</h2>
        {curves.length > 1 ? (
          <fieldset className="segments segments-small" aria-label={t('chart.quantityLabel')}>
            {curves.map((one) => (
              <button key={one} type="button" aria-pressed={one === quantity} onClick={() => choose(one)}>
                {quantityName(one, language)}
              </button>
            ))}
          </fieldset>
        ) : null}
        <fieldset className="segments segments-small push" aria-label={t('chart.rangeLabel')}>
          {RANGE_NAMES.map((one) => (
            <button key={one} type="button" aria-pressed={one === range} onClick={() => setRange(one)}>
              {t(`chart.range.${one}`)}
            </button>
          ))}
        </fieldset>
      </div>
      <div className="chart-tall">
        <HistoryChart deviceId={id} quantity={quantity} range={range} />
      </div>
    </section>
  )
}

export function DevicePage({ id }: { readonly id: string }): ReactNode {
  const { t, language } = useText()
  const { data: device, failure } = useAnswer(id, (signal) =>
    get<DeviceDetail>(`/api/devices/${encodeURIComponent(id)}`, signal),
  )
  const watched = useWatched(id)
  const alarms = useConsole((s) => s.alarms)
  const role = useConsole((s) => s.session?.role)
  if (failure)
    return (
      <div className="page">
        <p className="empty">
          {failure.status === 404 ? t('device.notFound', { id }) : t('error.unknown', { code: failure.code })}
          <Link to={{ page: 'devices' }} className="button">
            {t('device.back')}
          </Link>
        </p>
      </div>
    )
  if (!device) return <div className="page" />
  const open = [...alarms.values()].filter((alarm) => alarm.deviceId === id).sort(compareAlarms)
  const status = watched?.status ?? device.status
  const connected = watched?.connected ?? device.connected
  const lastHeardAt = watched?.lastHeardAt ?? device.lastHeardAt
  const latest = watched && watched.latest.length > 0 ? watched.latest : device.latest
  const attributes = Object.entries(device.attributes)
  const { lon, lat } = device
  const lastAt = latest.reduce<number | null>((newest, value) => Math.max(newest ?? 0, value.at), null)
  return (
    <div className="page device-page">
      <nav className="crumbs quiet">
        <Link to={{ page: 'devices' }}>{t('devices.title')}</Link>
        <PlacePath names={device.placePath} />
      </nav>
      <header className="page-head">
        <Icon name={iconOf(KINDS[device.kind].group)} size={30} />
        <div>
          <h1>{device.name || device.id}</h1>
          <p className="quiet">
            {inLanguage(KINDS[device.kind], language)} · <code>{device.id}</code>
          </p>
        </div>
        <div className="page-head-status">
          <DeviceStatusMark status={status} />
          <span className="quiet">
            {t('device.lastHeard')} <LastHeard at={lastHeardAt} status={status} />
          </span>
        </div>
        {lon !== null && lat !== null ? (
          <button
            type="button"
            className="button"
            onClick={() => {
              view.change({ goTo: { lon, lat, zoom: STREET_ZOOM }, openDevice: id })
              go({ page: 'map' })
            }}
          >
            <Icon name="locate" />
            {t('act.locate')}
          </button>
        ) : null}
      </header>

      {open.length > 0 ? (
        <section className="panel panel-wide panel-alarms" aria-label={t('device.alarms')}>
          {open.map((alarm) => (
            <button key={alarm.id} type="button" className="card-alarm" onClick={() => view.openAlarm(alarm.id)}>
              <SeverityBadge severity={alarm.severity} hollow={!isUnacknowledged(alarm)} />
              <strong>{typeOf(alarm, language)}</strong>
              <span>{language === 'zh' ? alarm.reasonZh : alarm.reason}</span>
              <span className="quiet push">
                <Lasting since={alarm.raisedAt} />
              </span>
            </button>
          ))}
        </section>
      ) : null}

      <section className="panel panel-wide">
        <h2>{t('device.values')}</h2>
        <LiveValues device={device} />
        {device.changedLimits.length > 0 ? (
          <p className="quiet">
            {t('device.changedLimits')}{' '}
            {device.changedLimits
              .map(({ name, value, usual }) => `${LIMITS[name][language]} ${value} ${LIMITS[name].unit} (${usual})`)
              .join(' · ')}
          </p>
        ) : null}
      </section>

      {device.kind === 'water-meter' || device.kind === 'bulk-meter' ? (
        <MeterSection id={id} kind={device.kind} />
      ) : null}

      <History id={id} quantities={latest.map((value) => value.quantity).filter(isQuantity)} />

      <section className="panel">
        <h2>{t('device.card')}</h2>
        <dl className="facts facts-lines">
          <div className="fact">
            <dt>{t('device.connection')}</dt>
            <dd>{connected ? t('device.connected') : t('device.notConnected')}</dd>
          </div>
          <div className="fact">
            <dt>{t('device.rhythm')}</dt>
            <dd>{formatSpan(device.rhythmS * 1000, t)}</dd>
          </div>
          {device.model !== null ? (
            <div className="fact">
              <dt>{t('device.model')}</dt>
              <dd>{device.model}</dd>
            </div>
          ) : null}
          {device.gatewayId !== null ? (
            <div className="fact">
              <dt>{t('device.gateway')}</dt>
              <dd>
                <Link to={{ page: 'device', id: device.gatewayId }}>{device.gatewayId}</Link>
              </dd>
            </div>
          ) : null}
          {lon !== null && lat !== null ? (
            <div className="fact">
              <dt>{t('device.position')}</dt>
              <dd>
                {lat.toFixed(5)}, {lon.toFixed(5)}
              </dd>
            </div>
          ) : null}
          {attributes.map(([name, value]) => (
            <div className="fact" key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>
            </div>
          ))}
        </dl>
      </section>
      {role !== undefined && may(role, 'quarantine.read') ? (
        <section className="panel">
          <h2>{t('device.quarantine')}</h2>
          <Misunderstood id={id} />
        </section>
      ) : null}
      {device.useHidden ? null : (
        <section className="panel panel-wide">
          <h2>{t('device.readings')}</h2>
          <RecentReadings id={id} lastAt={lastAt} />
        </section>
      )}
    </div>
  )
}

const iconOf = (group: (typeof KINDS)[keyof typeof KINDS]['group']): 'water' | 'fire' | 'care' | 'plant' | 'gateway' =>
  group
