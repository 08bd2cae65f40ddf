import { memo, type ReactNode, useCallback } from 'react'
import type { Incident, IncidentSource } from '../../../../contract/incidents.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { alarmTypesOf, placeOfIncident, titleOf } from '../incident/incident-words.ts'
import { Escalation, Sureness } from '../incident/Sureness.tsx'
import { Lasting } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { go } from '../shell/route.ts'
import { consoleStore, useConsole } from '../store/console.ts'
import type { ConsoleState } from '../store/console-state.ts'
import { isUntaken, type IncidentRow as Row } from '../store/queue.ts'
import { useView } from '../store/view.ts'
import { mayAct, take, usePending } from './act.ts'
import { shortName } from './alarm-words.ts'
import { SeverityBadge } from './SeverityBadge.tsx'

/** Names of devices shown before "12 more". */
const NAMES_SHOWN = 3

export function TakeButton({ incident }: { readonly incident: Incident }): ReactNode {
  const { t } = useText()
  const sending = usePending([incident.id])
  if (!isUntaken(incident) || incident.state === 'closed') return null
  return (
    <button
      type="button"
      className="button button-ack"
      disabled={sending || !mayAct('incident.act')}
      title={mayAct('incident.act') ? undefined : t('act.notAllowed')}
      onClick={(event) => {
        event.stopPropagation()
        void take(incident.id)
      }}
    >
      <Icon name="check" />
      {sending ? t('act.acknowledging') : t('incident.take')}
    </button>
  )
}

const hooks = (source: IncidentSource | undefined) => ({
  'data-alarm-id': source?.alarmId,
  'data-device-id': source?.deviceId ?? undefined,
})

/** What the directory says of the devices that a row names; another text when that has changed. */
const namesOf = ({ sources, cell }: Incident, { devices }: ConsoleState): string =>
  [...sources.slice(0, NAMES_SHOWN).map(({ deviceId }) => deviceId ?? ''), cell?.slice(cell.indexOf(':') + 1) ?? '']
    .map((id) => {
      const device = devices.get(id)
      return device === undefined ? '' : `${device.name}@${device.place?.id ?? ''}`
    })
    .join('|')

/** One incident, whatever the number of its alarms. */
export const IncidentRow = memo(function IncidentRow({ row }: { readonly row: Row }): ReactNode {
  const { t, language } = useText()
  const { incident } = row
  // Not the whole directory: it grows with every device that alarms for the first time, and every row would follow.
  useConsole(useCallback((state: ConsoleState) => namesOf(incident, state), [incident]))
  const { devices } = consoleStore.get()
  const places = useConsole((state) => state.places)
  const current = useView((v) => v.cursor === row.key)
  const where = placeOfIncident(incident, devices, places, t)
  const waiting = row.unacknowledged > 0
  const [first, ...others] = incident.sources
  const open = (): void => go({ page: 'incident', id: incident.id })
  const many = incident.alarms > 1
  return (
    <li
      className={[
        'row',
        'row-incident',
        incident.mode === 'real' ? '' : 'is-rehearsed',
        `row-${incident.severity}`,
        waiting ? 'is-waiting' : 'is-acked',
        current ? 'is-current' : '',
        incident.sources.some((source) => source.active) ? '' : 'is-over',
      ].join(' ')}
      data-cursor={row.key}
      data-incident-id={incident.id}
      data-severity={incident.severity}
      data-verification={incident.verification}
      {...hooks(first)}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the title inside is the button; a click anywhere is a convenience */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: J, K and Enter work the queue, and the title is focusable */}
      <div className="row-body" onClick={open}>
        <div className="row-head">
          <SeverityBadge severity={incident.severity} hollow={!waiting} />
          <button
            type="button"
            className="row-title"
            onClick={(event) => {
              event.stopPropagation()
              open()
            }}
          >
            {titleOf(incident, t)}
          </button>
          {many && incident.kind !== 'outage' ? (
            <span className="row-count">×{formatCount(incident.alarms)}</span>
          ) : null}
          {incident.mode === 'real' ? null : (
            <span className="tag tag-test">{t(`incident.mode.${incident.mode}`)}</span>
          )}
          <span className="row-age">
            <Lasting since={incident.noticedAt} />
          </span>
        </div>
        <div className="row-place">
          <PlacePath names={where.path} emphasis />
          {(many && incident.kind !== 'outage') || where.what === '' ? null : (
            <span className="device">{where.what}</span>
          )}
        </div>
        {many && incident.kind !== 'outage' ? (
          <ul className="row-names">
            {[first, ...others].map((source, i) =>
              source === undefined ? null : (
                <li key={source.alarmId} hidden={i >= NAMES_SHOWN} {...(i === 0 ? {} : hooks(source))}>
                  {shortName(devices.get(source.deviceId ?? '')?.name ?? source.deviceId ?? '', where.path)}
                </li>
              ),
            )}
            {incident.alarms > NAMES_SHOWN ? (
              <li className="quiet">{t('queue.others', { n: incident.alarms - NAMES_SHOWN })}</li>
            ) : null}
          </ul>
        ) : null}
        <p className="row-reason row-sure">
          <Sureness incident={incident} />
          <span>{alarmTypesOf(incident, language)}</span>
          {incident.state === 'received' || incident.state === 'verified' ? null : (
            <span className="tag">{t(`incident.state.${incident.state}`)}</span>
          )}
        </p>
        <div className="row-foot">
          <Escalation incident={incident} />
          <span className="row-actions">
            <TakeButton incident={incident} />
          </span>
        </div>
      </div>
    </li>
  )
})
