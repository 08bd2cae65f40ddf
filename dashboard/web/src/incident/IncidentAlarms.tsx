import { type ReactNode, useState } from 'react'
import { type Alarm, isActive, severityRank } from '../../../../contract/alarms.ts'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { reasonOf, shortName, typeOf, whereabouts } from '../queue/alarm-words.ts'
import { SeverityShape } from '../queue/SeverityBadge.tsx'
import { At } from '../shell/Age.tsx'
import { useConsole } from '../store/console.ts'
import { view } from '../store/view.ts'

/** Facts shown before "show all": what began it and the newest. */
const SHOWN = 5

/** The facts of an incident: each alarm once, folded where they are many. */
export function IncidentAlarms(props: {
  readonly incident: Incident
  readonly alarms: readonly Alarm[]
  readonly home: HomeDetail | undefined
}): ReactNode {
  const { t, language } = useText()
  const { incident, alarms, home } = props
  const live = useConsole((s) => s.alarms)
  const devices = useConsole((s) => s.devices)
  const places = useConsole((s) => s.places)
  const [all, setAll] = useState(false)
  const now = alarms.map((alarm) => live.get(alarm.id) ?? alarm)
  const active = now.filter(isActive).length
  const sorted = now.toSorted(
    (a, b) =>
      Number(isActive(b)) - Number(isActive(a)) ||
      severityRank(a.severity) - severityRank(b.severity) ||
      a.raisedAt - b.raisedAt,
  )
  const shown = all ? sorted : sorted.slice(0, SHOWN)
  return (
    <section className="panel" aria-label={t('facts.title')}>
      <h2>
        {t('facts.title')}
        <span className="panel-count">
          {t('facts.count', { n: formatCount(incident.alarms), devices: formatCount(incident.devices) })}
          {now.length === incident.alarms ? ` · ${t('facts.active', { n: active })}` : ''}
        </span>
      </h2>
      <ul className="plain facts-list">
        {shown.map((alarm) => {
          const where = whereabouts(alarm, devices, places)
          // The console learns the devices of open alarms only; the home knows all of its own.
          const own = devices.has(alarm.deviceId ?? '')
            ? undefined
            : home?.items.find(({ id }) => id === alarm.deviceId)
          const name = own === undefined ? where.deviceName : shortName(own.name, where.path)
          return (
            <li key={alarm.id} className={isActive(alarm) ? 'fact-active' : 'fact-over'}>
              <button type="button" className="fact-open" onClick={() => view.openAlarm(alarm.id)}>
                <SeverityShape severity={alarm.severity} hollow={!isActive(alarm)} size={16} />
                <At at={alarm.raisedAt} />
                <strong>{typeOf(alarm, language)}</strong>
                <span>{[where.path.at(-1), name].filter(Boolean).join(' · ')}</span>
                <span className="quiet fact-reason">{reasonOf(alarm, language)}</span>
                {isActive(alarm) ? null : <span className="tag">{t('queue.cleared')}</span>}
              </button>
            </li>
          )
        })}
      </ul>
      {sorted.length > SHOWN ? (
        <button type="button" className="button button-quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('queue.collapse') : t('facts.all', { n: formatCount(sorted.length) })}
        </button>
      ) : null}
    </section>
  )
}
