import { type ReactNode, useEffect, useRef, useState } from 'react'
import { type Alarm, DISPOSITIONS, type Disposition, isActive } from '../../../../contract/alarms.ts'
import type { DeviceDetail } from '../../../../contract/api.ts'
import type { HydrantEvent } from '../../../../contract/events.ts'
import { QUANTITIES, type Quantity } from '../../../../contract/quantities.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { HistoryChart } from '../chart/HistoryChart.tsx'
import { LiveValues } from '../device/LiveValues.tsx'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { At, Lasting } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { go } from '../shell/route.ts'
import { useConsole } from '../store/console.ts'
import { isUnacknowledged } from '../store/queue.ts'
import { useView, view } from '../store/view.ts'
import { acknowledge, close, comment, mayAct, usePending } from './act.ts'
import { firstStep, limit, measured, reasonOf, typeOf, whereabouts } from './alarm-words.ts'
import { PeopleHere } from './PeopleHere.tsx'
import { SeverityBadge } from './SeverityBadge.tsx'
import { Timeline } from './Timeline.tsx'

interface AlarmAnswer {
  readonly alarm: Alarm
  readonly timeline: readonly HydrantEvent[]
}

/** Close enough to tell houses apart. */
const STREET_ZOOM = 14
/** What is worth a curve for a type of alarm, the best first. */
const CURVES: Readonly<Record<string, readonly Quantity[]>> = {
  smoke: ['smoke'],
  heat: ['temperature'],
  co: ['co'],
  gas: ['gas'],
  detectorAlarm: ['smoke', 'temperature', 'co', 'gas'],
  electrical: ['residualCurrent'],
  cableHeat: ['temperature'],
  fireWaterLow: ['pressure', 'level'],
  lowPressure: ['pressure'],
  freeze: ['temperature'],
  batteryLow: ['battery'],
}
const WATER_CURVES: readonly Quantity[] = ['flow', 'volume', 'pressure']

function curveOf(alarm: Alarm, device: DeviceDetail): Quantity | null {
  const has = new Set(device.latest.map((value) => value.quantity))
  const wanted = CURVES[alarm.type] ?? WATER_CURVES
  return wanted.find((quantity) => has.has(quantity)) ?? null
}

function Actions({ alarm }: { readonly alarm: Alarm }): ReactNode {
  const { t } = useText()
  const [words, setWords] = useState('')
  const [closing, setClosing] = useState(false)
  const [disposition, setDisposition] = useState<Disposition | null>(null)
  const [busy, setBusy] = useState(false)
  const sending = usePending([alarm.id])
  const waiting = isUnacknowledged(alarm)
  const over = alarm.state === 'CLEARED_ACK'
  if (!mayAct()) return <p className="quiet">{t('act.notAllowed')}</p>
  const finish = async (work: Promise<boolean | undefined>): Promise<void> => {
    setBusy(true)
    if ((await work) !== false) {
      setWords('')
      setClosing(false)
    }
    setBusy(false)
  }
  return (
    <form className="actions" onSubmit={(event) => event.preventDefault()}>
      <textarea
        id="alarm-comment"
        aria-label={t('act.commentLabel')}
        placeholder={t('act.commentHint')}
        rows={2}
        maxLength={2000}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {closing ? (
        <fieldset className="closing">
          <legend>{t('act.closeAs')}</legend>
          {DISPOSITIONS.map((one) => (
            <label key={one} className="choice">
              <input
                type="radio"
                name="disposition"
                checked={disposition === one}
                onChange={() => setDisposition(one)}
              />
              {t(`disposition.${one}`)}
            </label>
          ))}
          {isActive(alarm) ? <p className="quiet">{t('act.closeActive')}</p> : null}
          <span className="closing-buttons">
            <button
              type="button"
              className="button button-primary"
              disabled={busy || disposition === null}
              onClick={() => {
                if (disposition !== null) void finish(close(alarm.id, disposition, words))
              }}
            >
              {t(over ? 'act.judgeConfirm' : 'act.closeConfirm')}
            </button>
            <button type="button" className="button button-quiet" onClick={() => setClosing(false)}>
              {t('act.cancel')}
            </button>
          </span>
        </fieldset>
      ) : (
        <div className="action-buttons">
          {waiting ? (
            <button
              type="button"
              className="button button-ack"
              disabled={sending || busy}
              onClick={() => void finish(acknowledge([alarm], words).then(() => true))}
            >
              <Icon name="check" />
              {sending ? t('act.acknowledging') : words === '' ? t('act.acknowledge') : t('act.ackWithComment')}
            </button>
          ) : null}
          <button
            type="button"
            className="button"
            disabled={busy || words.trim() === ''}
            onClick={() => void finish(comment(alarm.id, words.trim()))}
          >
            <Icon name="comment" />
            {t('act.send')}
          </button>
          {over && alarm.disposition !== null ? null : (
            <button type="button" className="button button-quiet" onClick={() => setClosing(true)}>
              {t(over ? 'act.judge' : 'act.close')}
            </button>
          )}
        </div>
      )}
    </form>
  )
}

function Fact(props: { readonly word: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="fact">
      <dt>{props.word}</dt>
      <dd>{props.children}</dd>
    </div>
  )
}

/** Everything about one alarm, beside the queue. */
function AlarmDetail({ id }: { readonly id: string }): ReactNode {
  const { t, language } = useText()
  const live = useConsole((s) => s.alarms.get(id))
  const devices = useConsole((s) => s.devices)
  const places = useConsole((s) => s.places)
  const [range, setRange] = useState<'1h' | '24h'>('1h')
  const answer = useAnswer(`${id}`, (signal) => get<AlarmAnswer>(`/api/alarms/${encodeURIComponent(id)}`, signal))
  const { reload } = answer
  const first = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: every change of the alarm is a new line of its timeline
  useEffect(() => {
    if (first.current) first.current = false
    else reload()
  }, [live])
  const alarm = live ?? answer.data?.alarm
  const deviceId = alarm?.deviceId ?? null
  const device = useAnswer(deviceId, (signal) =>
    get<DeviceDetail>(`/api/devices/${encodeURIComponent(deviceId ?? '')}`, signal),
  )
  const sheet = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another alarm starts at the top
  useEffect(() => {
    sheet.current?.scrollTo(0, 0)
  }, [id])
  if (!alarm)
    return (
      <section className="drawer" aria-label={t('detail.title')}>
        <DrawerClose />
        <p className="empty quiet">{answer.failure ? t('detail.gone') : t('queue.loading')}</p>
      </section>
    )
  const where = whereabouts(alarm, devices, places)
  const value = measured(alarm)
  const threshold = limit(alarm)
  const { lon, lat } = where
  const curve = device.data ? curveOf(alarm, device.data) : null
  const curveFacts = curve === null ? undefined : QUANTITIES[curve]
  const sameUnit = curveFacts?.type === 'number' && curveFacts.unit === alarm.unit
  return (
    <section className={`drawer drawer-${alarm.severity}`} aria-label={t('detail.title')} ref={sheet}>
      <header className="drawer-head">
        <div className="drawer-line">
          <SeverityBadge severity={alarm.severity} hollow={!isUnacknowledged(alarm)} />
          <span className="tag">{t(`alarmState.${alarm.state}`)}</span>
          {alarm.test ? <span className="tag tag-test">{t('queue.test')}</span> : null}
          {alarm.replayed === true ? <span className="tag">{t('queue.replayed')}</span> : null}
          <DrawerClose />
        </div>
        <h2>{typeOf(alarm, language)}</h2>
        <p className="drawer-place">
          <PlacePath names={where.path} />
        </p>
        <p className="drawer-device">
          {deviceId === null ? where.deviceName : <Link to={{ page: 'device', id: deviceId }}>{where.deviceName}</Link>}
        </p>
      </header>
      <p className="drawer-do">
        <strong>{t('queue.do')}</strong> {firstStep(alarm, language)}
        {where.contact !== null ? (
          <span className="contact">
            {t('detail.contact')} <b>{where.contact}</b>
          </span>
        ) : null}
      </p>
      {alarm.incidentId === null ? null : (
        <p className="drawer-incident">
          <Link to={{ page: 'incident', id: alarm.incidentId }} className="button">
            <Icon name="fire" />
            {t('incident.open')}
          </Link>
        </p>
      )}
      <Actions alarm={alarm} key={alarm.id} />
      <PeopleHere alarm={alarm} />
      <h3>{t('detail.evidence')}</h3>
      <p className="evidence">{reasonOf(alarm, language)}</p>
      <dl className="facts">
        {value ? (
          <Fact word={t('detail.value')}>
            <b className="figure">{value.figure}</b> {value.unit}
          </Fact>
        ) : null}
        {threshold ? (
          <Fact word={t('detail.threshold')}>
            {threshold.figure} {threshold.unit}
          </Fact>
        ) : null}
        <Fact word={t('detail.raised')}>
          <At at={alarm.raisedAt} />
        </Fact>
        <Fact word={t('queue.age')}>
          <Lasting since={alarm.raisedAt} />
        </Fact>
        <Fact word={t('detail.last')}>
          <At at={alarm.lastAt} />
        </Fact>
        <Fact word={t('detail.count')}>{formatCount(alarm.count)}×</Fact>
        {alarm.clearedAt !== null ? (
          <Fact word={t('detail.cleared')}>
            <At at={alarm.clearedAt} />
          </Fact>
        ) : null}
      </dl>
      <div className="drawer-buttons">
        {lon !== null && lat !== null ? (
          <button
            type="button"
            className="button"
            onClick={() => {
              go({ page: 'map' })
              view.change({ goTo: { lon, lat, zoom: STREET_ZOOM } })
            }}
          >
            <Icon name="locate" />
            {t('act.locate')}
          </button>
        ) : null}
        {deviceId !== null ? (
          <Link to={{ page: 'device', id: deviceId }} className="button">
            <Icon name="devices" />
            {t('act.devicePage')}
          </Link>
        ) : null}
        {alarm.type === 'zoneLoss' && alarm.placeId !== null ? (
          <Link to={{ page: 'zone', id: alarm.placeId }} className="button">
            {t('order.toZone')}
          </Link>
        ) : null}
        <button type="button" className="button button-quiet" onClick={() => window.print()}>
          <Icon name="print" />
          {t('act.print')}
        </button>
      </div>
      {curve !== null && deviceId !== null ? (
        <>
          <div className="heading">
            <h3>{t('detail.chart')}</h3>
            <div className="segments segments-small">
              <button type="button" aria-pressed={range === '1h'} onClick={() => setRange('1h')}>
                {t('detail.hour')}
              </button>
              <button type="button" aria-pressed={range === '24h'} onClick={() => setRange('24h')}>
                {t('detail.day')}
              </button>
            </div>
          </div>
          <HistoryChart deviceId={deviceId} quantity={curve} range={range} limit={sameUnit ? alarm.threshold : null} />
        </>
      ) : null}
      {deviceId !== null && device.data ? (
        <>
          <h3>{t('detail.values')}</h3>
          <LiveValues device={device.data} />
        </>
      ) : null}
      <h3>{t('detail.timeline')}</h3>
      <Timeline events={answer.data?.timeline ?? []} />
    </section>
  )
}

function DrawerClose(): ReactNode {
  const { t } = useText()
  return (
    <button
      type="button"
      className="icon-button drawer-close"
      aria-label={t('act.dismiss')}
      onClick={() => view.openAlarm(null)}
    >
      <Icon name="close" />
    </button>
  )
}

/** The open alarm, if any. */
export function AlarmDrawer(): ReactNode {
  const open = useView((v) => v.openAlarm)
  return open === null ? null : <AlarmDetail id={open} key={open} />
}
