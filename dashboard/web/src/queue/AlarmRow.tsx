import { memo, type ReactNode } from 'react'
import type { Alarm } from '../../../../contract/alarms.ts'
import { isActive } from '../../../../contract/alarms.ts'
import { useText } from '../i18n/text.ts'
import { Lasting } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { useConsole } from '../store/console.ts'
import { isUnacknowledged, type AlarmRow as Row } from '../store/queue.ts'
import { useView, view } from '../store/view.ts'
import { acknowledge, mayAct, usePending } from './act.ts'
import { deviceName, firstStep, reasonOf, shortName, typeOf, whereabouts } from './alarm-words.ts'
import { SeverityBadge, SeverityShape } from './SeverityBadge.tsx'

/** Names of folded devices shown before "12 more". */
const NAMES_SHOWN = 3

const hooks = (alarm: Alarm) => ({
  'data-cursor': alarm.id,
  'data-alarm-id': alarm.id,
  'data-device-id': alarm.deviceId ?? undefined,
  'data-place-id': alarm.deviceId === null ? (alarm.placeId ?? undefined) : undefined,
  'data-severity': alarm.severity,
  'data-state': alarm.state,
})

function AckButton({ alarms }: { readonly alarms: readonly Alarm[] }): ReactNode {
  const { t } = useText()
  const waiting = alarms.filter(isUnacknowledged)
  const sending = usePending(waiting.map((alarm) => alarm.id))
  if (waiting.length === 0) return null
  return (
    <button
      type="button"
      className="button button-ack"
      disabled={sending || !mayAct()}
      title={mayAct() ? undefined : t('act.notAllowed')}
      onClick={(event) => {
        event.stopPropagation()
        void acknowledge(waiting)
      }}
    >
      <Icon name="check" />
      {sending
        ? t('act.acknowledging')
        : waiting.length > 1
          ? t('act.acknowledgeAll', { n: waiting.length })
          : t('act.acknowledge')}
    </button>
  )
}

/** One member of an unfolded row. */
function Member({ alarm, current }: { readonly alarm: Alarm; readonly current: boolean }): ReactNode {
  const { t } = useText()
  const devices = useConsole((state) => state.devices)
  const places = useConsole((state) => state.places)
  const where = whereabouts(alarm, devices, places)
  return (
    <li className={`member${current ? ' is-current' : ''}`} {...hooks(alarm)}>
      <button type="button" className="member-open" onClick={() => view.openAlarm(alarm.id)}>
        <SeverityShape severity={alarm.severity} hollow={!isUnacknowledged(alarm)} size={16} />
        <span className="member-name">{where.deviceName || where.path.at(-1)}</span>
        <span className="quiet">{where.path.at(-1)}</span>
        <span className="quiet">{t(`alarmState.${alarm.state}`)}</span>
      </button>
      <AckButton alarms={[alarm]} />
    </li>
  )
}

export const AlarmRow = memo(function AlarmRow({ row }: { readonly row: Row }): ReactNode {
  const { t, language } = useText()
  const devices = useConsole((state) => state.devices)
  const places = useConsole((state) => state.places)
  const unfolded = useView((v) => v.unfolded.has(row.key))
  const cursor = useView((v) => (row.members.some((alarm) => alarm.id === v.cursor) ? v.cursor : null))
  const opened = useView((v) => row.members.some((alarm) => alarm.id === v.openAlarm))
  const { lead, members } = row
  const where = whereabouts(lead, devices, places)
  const folded = members.length > 1
  const site = row.siteId === null ? undefined : places.get(row.siteId)
  const others = members.slice(1)
  // A folded row says the place that joins its members; a single one the way down to its device.
  const path = folded && site ? where.path.slice(0, where.path.indexOf(site.name) + 1) : where.path
  const unacknowledged = row.unacknowledged > 0
  const over = !members.some(isActive)
  return (
    <li
      className={[
        'row',
        `row-${lead.severity}`,
        unacknowledged ? 'is-waiting' : 'is-acked',
        cursor !== null ? 'is-current' : '',
        opened ? 'is-open' : '',
        over ? 'is-over' : '',
      ].join(' ')}
      {...hooks(lead)}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the title inside is the button; a click anywhere is a convenience */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: J, K and Enter work the queue, and the title is focusable */}
      <div className="row-body" onClick={() => view.openAlarm(lead.id)}>
        <div className="row-head">
          <SeverityBadge severity={lead.severity} hollow={!unacknowledged} />
          <button
            type="button"
            className="row-title"
            onClick={(event) => {
              event.stopPropagation()
              view.openAlarm(lead.id)
            }}
          >
            {typeOf(lead, language)}
          </button>
          {folded ? (
            <button
              type="button"
              className="fold"
              aria-expanded={unfolded}
              aria-label={`${unfolded ? t('queue.collapse') : t('queue.expand')} ×${members.length}`}
              onClick={(event) => {
                event.stopPropagation()
                view.toggleFold(row.key)
              }}
            >
              ×{members.length}
              <Icon name={unfolded ? 'chevronUp' : 'chevron'} />
            </button>
          ) : null}
          {lead.test ? (
            <span className="tag tag-test" title={t('queue.testHint')}>
              {t('queue.test')}
            </span>
          ) : null}
          <span className="row-age">
            <Lasting since={lead.raisedAt} />
          </span>
        </div>
        <div className="row-place">
          <PlacePath names={path} emphasis />
          {folded || where.deviceName === '' ? null : <span className="device">{where.deviceName}</span>}
        </div>
        {folded && !unfolded ? (
          <ul className="row-names">
            {members.map((alarm, i) => (
              <li key={alarm.id} hidden={i >= NAMES_SHOWN} {...(alarm === lead ? {} : hooks(alarm))}>
                {shortName(deviceName(alarm, devices), path)}
              </li>
            ))}
            {members.length > NAMES_SHOWN ? (
              <li className="quiet">{t('queue.others', { n: members.length - NAMES_SHOWN })}</li>
            ) : null}
          </ul>
        ) : null}
        <p className="row-reason">
          {reasonOf(lead, language)}{' '}
          {over ? <span className="tag">{t(lead.replayed === true ? 'queue.replayed' : 'queue.cleared')}</span> : null}
        </p>
        <div className="row-foot">
          <span className="row-do">{firstStep(lead, language)}</span>
          {!unacknowledged && lead.ackBy !== null ? (
            <span className="quiet">{t('queue.ackedBy', { name: lead.ackBy })}</span>
          ) : null}
          <span className="row-actions">
            <AckButton alarms={members} />
          </span>
        </div>
      </div>
      {folded && unfolded ? (
        <ul className="members">
          {[lead, ...others].map((alarm) => (
            <Member key={alarm.id} alarm={alarm} current={cursor === alarm.id} />
          ))}
        </ul>
      ) : null}
    </li>
  )
})
