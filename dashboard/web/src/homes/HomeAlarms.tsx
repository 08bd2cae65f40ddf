import type { ReactNode } from 'react'
import type { Alarm } from '../../../../contract/alarms.ts'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import { useText } from '../i18n/text.ts'
import { titleOf } from '../incident/incident-words.ts'
import { Sureness } from '../incident/Sureness.tsx'
import { reasonOf, shortName, typeOf } from '../queue/alarm-words.ts'
import { SeverityBadge } from '../queue/SeverityBadge.tsx'
import { Lasting } from '../shell/Age.tsx'
import { Link } from '../shell/Link.tsx'
import { isUnacknowledged, isUntaken } from '../store/queue.ts'
import { view } from '../store/view.ts'
import { nameInside, pathTo } from './home-tree.ts'

/** Alarms shown; more are in the queue beside it. */
const SHOWN = 12

/** What goes on in the home now: its incidents, and its alarms as they come in. */
export function HomeAlarms(props: {
  readonly alarms: readonly Alarm[]
  readonly incidents: readonly Incident[]
  readonly home: HomeDetail
}): ReactNode {
  const { t, language } = useText()
  const { alarms, incidents, home } = props
  const whereIn = ({ deviceId }: Alarm): string => {
    const device = home.items.find(({ id }) => id === deviceId)
    return device === undefined
      ? ''
      : `${nameInside(home.places, device.placeId)} ${shortName(device.name || device.id, pathTo(home, device.placeId))}`
  }
  if (alarms.length === 0 && incidents.length === 0) return null
  return (
    <section className="panel panel-alarms" aria-label={t('home.now')}>
      <h2>{t('home.now')}</h2>
      {incidents.map((incident) => (
        <Link key={incident.id} to={{ page: 'incident', id: incident.id }} className="card-alarm">
          <SeverityBadge severity={incident.severity} hollow={!isUntaken(incident)} />
          <strong>
            {titleOf(incident, t)} {incident.alarms > 1 ? `×${incident.alarms}` : ''}
          </strong>
          {incident.mode === 'real' ? null : (
            <span className="tag tag-test">{t(`incident.mode.${incident.mode}`)}</span>
          )}
          <Sureness incident={incident} />
          <span className="quiet push">
            <Lasting since={incident.noticedAt} />
          </span>
        </Link>
      ))}
      {alarms.slice(0, SHOWN).map((alarm) => (
        <button key={alarm.id} type="button" className="card-alarm" onClick={() => view.openAlarm(alarm.id)}>
          <SeverityBadge severity={alarm.severity} hollow={!isUnacknowledged(alarm)} />
          <strong>{typeOf(alarm, language)}</strong>
          <span>{whereIn(alarm)}</span>
          <span>{reasonOf(alarm, language)}</span>
          <span className="quiet push">
            <Lasting since={alarm.raisedAt} />
          </span>
        </button>
      ))}
      {alarms.length > SHOWN ? <p className="quiet">{t('queue.others', { n: alarms.length - SHOWN })}</p> : null}
    </section>
  )
}
