import { type ReactNode, useEffect, useRef, useState } from 'react'
import { SEVERITIES } from '../../../../contract/alarms.ts'
import { DeviceCard } from '../device/DeviceCard.tsx'
import { useText } from '../i18n/text.ts'
import { SeverityShape } from '../queue/SeverityBadge.tsx'
import { Icon } from '../shell/Icon.tsx'
import { go } from '../shell/route.ts'
import { whenDevicesChange } from '../shell/services.ts'
import { consoleStore, useConsole } from '../store/console.ts'
import { incidentOf } from '../store/queue.ts'
import { useView, view } from '../store/view.ts'
import { afterTheWords } from './after-the-words.ts'
import { type Camera, CityMap } from './city-map.ts'

const GROUPS = ['water', 'fire', 'care'] as const

/** Where the map was looked at, kept while other pages are open. */
let camera: Camera | undefined

function Legend(): ReactNode {
  const { t } = useText()
  const [open, setOpen] = useState(true)
  return (
    <div className={`legend${open ? '' : ' is-shut'}`}>
      <button
        type="button"
        className="legend-toggle"
        aria-expanded={open}
        title={t('map.legendToggle')}
        onClick={() => setOpen(!open)}
      >
        <Icon name="legend" />
        {t('map.legend')}
      </button>
      {open ? (
        <>
          <ul>
            {SEVERITIES.map((severity) => (
              <li key={severity}>
                <SeverityShape severity={severity} size={16} />
                {t(`severity.${severity}`)}
              </li>
            ))}
            <li className="legend-note quiet">
              {t('map.unacked')} · {t('map.acked')}
            </li>
          </ul>
          <ul>
            {GROUPS.map((group) => (
              <li key={group}>
                <i className={`dot dot-${group}`} />
                {t(`map.group.${group}`)}
              </li>
            ))}
            <li>
              <i className="dot dot-silent" />
              {t('map.silent')}
            </li>
            <li>
              <i className="dot dot-never" />
              {t('map.never')}
            </li>
          </ul>
          <p className="legend-note quiet">{t('map.sketch')}</p>
        </>
      ) : null}
    </div>
  )
}

/** What is done about an alarm of an open incident is done on the incident's page. */
function openAlarmOrIncident(alarmId: string): void {
  const { alarms, incidents } = consoleStore.get()
  const alarm = alarms.get(alarmId)
  const incident = alarm === undefined ? undefined : incidentOf(alarm, incidents)
  if (incident === undefined) view.openAlarm(alarmId)
  else go({ page: 'incident', id: incident.id })
}

export function MapPage(): ReactNode {
  const { t, language } = useText()
  const theme = useView((v) => v.theme)
  const wall = useView((v) => v.wall)
  const goTo = useView((v) => v.goTo)
  const openDevice = useView((v) => v.openDevice)
  const lost = useConsole((s) => s.link === 'lost')
  const host = useRef<HTMLDivElement>(null)
  const map = useRef<CityMap | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    if (!host.current) return
    let city: CityMap
    try {
      city = new CityMap({
        host: host.current,
        theme,
        language,
        wall,
        camera,
        onDevice: (id) => view.change({ openDevice: id, openAlarm: null }),
        onAlarm: openAlarmOrIncident,
        onEmpty: () => view.change({ openDevice: null }),
      })
    } catch (error) {
      console.error(error)
      setFailed(true)
      return
    }
    map.current = city
    const show = (): void => city.show(consoleStore.get())
    show()
    const later = afterTheWords(show)
    const stops = [
      consoleStore.subscribe(later.ask),
      whenDevicesChange((changes) => city.refresh(changes)),
      later.cancel,
    ]
    return () => {
      camera = city.camera
      for (const stop of stops) stop()
      city.remove()
      map.current = null
    }
  }, [theme, language, wall])
  useEffect(() => {
    if (goTo === null) return
    map.current?.flyTo(goTo.lon, goTo.lat, goTo.zoom)
    view.change({ goTo: null })
  }, [goTo])
  return (
    <div className={`map${lost ? ' is-dimmed' : ''}`}>
      <section className="map-host" ref={host} aria-label={t('map.label')} />
      {failed ? <p className="map-failed">{t('map.failed')}</p> : null}
      {lost ? <p className="map-dimmed">{t('map.dimmed')}</p> : null}
      <div className="map-buttons">
        <button
          type="button"
          className="icon-button"
          aria-label={t('map.zoomIn')}
          onClick={() => map.current?.zoomBy(1)}
        >
          <Icon name="plus" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t('map.zoomOut')}
          onClick={() => map.current?.zoomBy(-1)}
        >
          <Icon name="minus" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t('map.home')}
          title={t('map.home')}
          onClick={() => map.current?.home()}
        >
          <Icon name="home" />
        </button>
      </div>
      <Legend />
      {openDevice !== null ? <DeviceCard id={openDevice} key={openDevice} /> : null}
    </div>
  )
}
