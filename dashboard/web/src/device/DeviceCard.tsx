import type { ReactNode } from 'react'
import type { DeviceDetail } from '../../../../contract/api.ts'
import { KINDS } from '../../../../contract/kinds.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { typeOf } from '../queue/alarm-words.ts'
import { SeverityBadge } from '../queue/SeverityBadge.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { useConsole } from '../store/console.ts'
import { compareAlarms, isUnacknowledged } from '../store/queue.ts'
import { view } from '../store/view.ts'
import { DeviceStatusMark, LastHeard } from './DeviceStatusMark.tsx'
import { LiveValues, useWatched } from './LiveValues.tsx'

/** What a click on a mark of the map shows. */
export function DeviceCard({ id }: { readonly id: string }): ReactNode {
  const { t, language } = useText()
  const { data: device, failure } = useAnswer(id, (signal) =>
    get<DeviceDetail>(`/api/devices/${encodeURIComponent(id)}`, signal),
  )
  const watched = useWatched(id)
  const alarms = useConsole((s) => s.alarms)
  const open = [...alarms.values()].filter((alarm) => alarm.deviceId === id).sort(compareAlarms)
  const status = watched?.status ?? device?.status
  return (
    <section className="card" aria-label={t('device.card')}>
      <header className="card-head">
        <div>
          <h2>{device?.name || id}</h2>
          {device ? <p className="quiet">{inLanguage(KINDS[device.kind], language)}</p> : null}
        </div>
        <button
          type="button"
          className="icon-button"
          aria-label={t('act.dismiss')}
          onClick={() => view.change({ openDevice: null })}
        >
          <Icon name="close" />
        </button>
      </header>
      {failure ? <p className="quiet">{t('device.notFound', { id })}</p> : null}
      {device && status ? (
        <>
          <p className="card-place">
            <PlacePath names={device.placePath} />
          </p>
          <p className="card-status">
            <DeviceStatusMark status={status} />
            <span className="quiet">
              {t('device.lastHeard')} <LastHeard at={watched?.lastHeardAt ?? device.lastHeardAt} status={status} />
            </span>
          </p>
          {open.map((alarm) => (
            <button key={alarm.id} type="button" className="card-alarm" onClick={() => view.openAlarm(alarm.id)}>
              <SeverityBadge severity={alarm.severity} hollow={!isUnacknowledged(alarm)} />
              {typeOf(alarm, language)}
            </button>
          ))}
          <LiveValues device={device} />
          <Link to={{ page: 'device', id }} className="button">
            <Icon name="devices" />
            {t('act.devicePage')}
          </Link>
        </>
      ) : null}
    </section>
  )
}
