import { type ReactNode, useEffect, useState } from 'react'
import type { Alarm } from '../../../../contract/alarms.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import { request } from '../api/request.ts'
import { formatTime } from '../format/time.ts'
import { type Language, type Text, useText } from '../i18n/text.ts'
import { placeOfIncident, titleOf } from '../incident/incident-words.ts'
import { Sureness } from '../incident/Sureness.tsx'
import { acknowledge, mayAct, take, usePending } from '../queue/act.ts'
import { reasonOf, typeOf, whereabouts } from '../queue/alarm-words.ts'
import { SeverityBadge } from '../queue/SeverityBadge.tsx'
import { serverNow, useConsole } from '../store/console.ts'
import type { ConsoleState } from '../store/console-state.ts'
import { type Ring, ringing } from '../store/rings.ts'
import { view } from '../store/view.ts'
import { Lasting } from './Age.tsx'
import { Icon } from './Icon.tsx'
import { go, useRoute } from './route.ts'

const STREET_ZOOM = 14
const SHORTEST_PASSWORD = 10

/** The most urgent thing that waits for a person. It stays until somebody takes it. */
export function CriticalBanner(): ReactNode {
  const { t, language } = useText()
  const alarms = useConsole((s) => s.alarms)
  const incidents = useConsole((s) => s.incidents)
  const devices = useConsole((s) => s.devices)
  const places = useConsole((s) => s.places)
  const route = useRoute()
  const waiting = ringing({ alarms, incidents })
  const first = waiting[0]
  if (!first) return null
  const { incident, alarm } = first
  // Its own page says all of this in larger letters.
  if (incident !== null && route.page === 'incident' && route.id === incident.id) return null
  const facts =
    incident !== null ? ofIncident(incident, devices, places, t) : ofAlarm(alarm, devices, places, t, language)
  const { lon, lat } = facts
  const open = (): void => {
    if (incident !== null) go({ page: 'incident', id: incident.id })
    else if (alarm !== null) view.openAlarm(alarm.id)
  }
  return (
    <div className={`critical${first.urgency === 'fire' ? '' : ' is-suspected'}`} role="alert" key={first.key}>
      <SeverityBadge severity={incident?.severity ?? 'CRITICAL'} />
      <div className="critical-words">
        <button type="button" className="critical-title" onClick={open}>
          <strong>{facts.title}</strong>
          <span className="critical-reason">{incident === null ? facts.reason : <Sureness incident={incident} />}</span>
        </button>
        <span className="critical-place">
          {facts.place.filter((word, i, all) => word !== '' && all.indexOf(word) === i).join(' · ')}
        </span>
      </div>
      <span className="critical-age">
        <Lasting since={first.since} />
      </span>
      {waiting.length > 1 ? <span className="critical-more">{t('banner.more', { n: waiting.length - 1 })}</span> : null}
      {lon !== null && lat !== null ? (
        <button
          type="button"
          className="button button-on-red"
          aria-label={t('act.locate')}
          title={t('act.locate')}
          onClick={() => {
            if (alarm !== null) view.openAlarm(alarm.id)
            go({ page: 'map' })
            view.change({ goTo: { lon, lat, zoom: STREET_ZOOM } })
          }}
        >
          <Icon name="locate" />
          <span className="critical-locate">{t('act.locate')}</span>
        </button>
      ) : null}
      <AnswerButton ring={first} />
    </div>
  )
}

function AnswerButton({ ring: { incident, alarm } }: { readonly ring: Ring }): ReactNode {
  const { t } = useText()
  const sending = usePending([incident?.id ?? alarm?.id ?? ''])
  return (
    <button
      type="button"
      className="button button-white"
      disabled={sending || !mayAct(incident === null ? 'alarm.act' : 'incident.act')}
      onClick={() => {
        if (incident !== null) void take(incident.id)
        else if (alarm !== null) void acknowledge([alarm])
      }}
    >
      <Icon name="check" />
      {t(sending ? 'act.acknowledging' : incident === null ? 'act.acknowledge' : 'incident.take')}
    </button>
  )
}

interface BannerFacts {
  readonly title: string
  readonly reason: string
  readonly place: readonly string[]
  readonly lon: number | null
  readonly lat: number | null
}
type Known = ConsoleState['devices']
const NAMES = 3

function ofIncident(incident: Incident, devices: Known, places: ConsoleState['places'], t: Text): BannerFacts {
  const { path, what, lon, lat } = placeOfIncident(incident, devices, places, t)
  const count = incident.alarms > 1 && incident.kind !== 'outage' ? ` ×${incident.alarms}` : ''
  return {
    title: titleOf(incident, t) + count,
    reason: '',
    place: [...path.slice(-NAMES), what].filter((name) => name !== ''),
    lon,
    lat,
  }
}

function ofAlarm(
  alarm: Alarm | null,
  devices: Known,
  places: ConsoleState['places'],
  t: Text,
  language: Language,
): BannerFacts {
  if (alarm === null) return { title: '', reason: '', place: [], lon: null, lat: null }
  const { path, deviceName, lon, lat } = whereabouts(alarm, devices, places)
  const reason = `${alarm.test ? `[${t('queue.test')}] ` : ''}${reasonOf(alarm, language)}`
  return { title: typeOf(alarm, language), reason, place: [...path.slice(-NAMES), deviceName], lon, lat }
}

/** Says that what is on the screen is old, and from when; says so when it is over. */
export function LinkBanner(): ReactNode {
  const { t } = useText()
  const link = useConsole((s) => s.link)
  const lastMessageAt = useConsole((s) => (s.link === 'lost' ? s.lastMessageAt : null))
  const [wasLost, setWasLost] = useState(false)
  useEffect(() => {
    if (link === 'lost') setWasLost(true)
    else if (link === 'live' && wasLost) {
      setWasLost(false)
      view.say(t('link.back'))
    }
  }, [link, wasLost, t])
  if (link !== 'lost') return null
  return (
    <div className="banner banner-lost" role="alert">
      <Icon name="gateway" />
      {lastMessageAt === null
        ? t('link.neverBanner')
        : t('link.lostBanner', { time: formatTime(lastMessageAt, serverNow()) })}
    </div>
  )
}

/** After a one-time link: a way to come back. Does not stand in the way of an alarm. */
export function PasswordBanner(): ReactNode {
  const { t } = useText()
  const session = useConsole((s) => s.session)
  const [later, setLater] = useState(false)
  const [open, setOpen] = useState(false)
  const [done, setDone] = useState(false)
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState('')
  if (!session?.mustSetPassword || later || done) return null
  const save = async (): Promise<void> => {
    if (password.length < SHORTEST_PASSWORD) return setProblem(t('password.short'))
    try {
      await request('POST', '/api/me/password', { password })
      setDone(true)
      view.say(t('password.saved', { name: session.name }))
    } catch (error) {
      setProblem(error instanceof Error ? error.message : '')
    }
  }
  return (
    <div className="banner banner-note">
      <span>{t('password.banner')}</span>
      {open ? (
        <form
          className="banner-form"
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <input type="text" autoComplete="username" value={session.name} readOnly hidden />
          <input
            type="password"
            autoComplete="new-password"
            aria-label={t('password.new')}
            placeholder={t('password.new')}
            value={password}
            // biome-ignore lint/a11y/noAutofocus: it appears because the person asked for it
            autoFocus
            onChange={(event) => setPassword(event.target.value)}
          />
          <button type="submit" className="button button-primary">
            {t('password.save')}
          </button>
          <span role="alert">{problem}</span>
        </form>
      ) : (
        <button type="button" className="button" onClick={() => setOpen(true)}>
          {t('password.set')}
        </button>
      )}
      <button type="button" className="button button-quiet push" onClick={() => setLater(true)}>
        {t('password.later')}
      </button>
    </div>
  )
}
