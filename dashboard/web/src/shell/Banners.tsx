import { type ReactNode, useEffect, useState } from 'react'
import { request } from '../api/request.ts'
import { formatTime } from '../format/time.ts'
import { useText } from '../i18n/text.ts'
import { acknowledge, mayAct, usePending } from '../queue/act.ts'
import { reasonOf, typeOf, whereabouts } from '../queue/alarm-words.ts'
import { SeverityBadge } from '../queue/SeverityBadge.tsx'
import { serverNow, useConsole } from '../store/console.ts'
import { ringing } from '../store/queue.ts'
import { view } from '../store/view.ts'
import { Lasting } from './Age.tsx'
import { Icon } from './Icon.tsx'
import { go } from './route.ts'

const STREET_ZOOM = 14
const SHORTEST_PASSWORD = 10

/** The newest CRITICAL alarm that waits for a person. It stays until somebody acknowledges it. */
export function CriticalBanner(): ReactNode {
  const { t, language } = useText()
  const alarms = useConsole((s) => s.alarms)
  const devices = useConsole((s) => s.devices)
  const places = useConsole((s) => s.places)
  const waiting = ringing(alarms)
  const newest = waiting[0]
  const sending = usePending(newest ? [newest.id] : [])
  if (!newest) return null
  const where = whereabouts(newest, devices, places)
  const { lon, lat } = where
  return (
    <div className="critical" role="alert" key={newest.id}>
      <SeverityBadge severity="CRITICAL" />
      <div className="critical-words">
        <button type="button" className="critical-title" onClick={() => view.openAlarm(newest.id)}>
          <strong>{typeOf(newest, language)}</strong>
          <span className="critical-reason">
            {newest.test ? `[${t('queue.test')}] ` : ''}
            {reasonOf(newest, language)}
          </span>
        </button>
        <span className="critical-place">
          {[...where.path.slice(-3), where.deviceName].filter((word, i, all) => all.indexOf(word) === i).join(' · ')}
        </span>
      </div>
      <span className="critical-age">
        <Lasting since={newest.raisedAt} />
      </span>
      {waiting.length > 1 ? <span className="critical-more">{t('banner.more', { n: waiting.length - 1 })}</span> : null}
      {lon !== null && lat !== null ? (
        <button
          type="button"
          className="button button-on-red"
          aria-label={t('act.locate')}
          title={t('act.locate')}
          onClick={() => {
            view.openAlarm(newest.id)
            go({ page: 'map' })
            view.change({ goTo: { lon, lat, zoom: STREET_ZOOM } })
          }}
        >
          <Icon name="locate" />
          <span className="critical-locate">{t('act.locate')}</span>
        </button>
      ) : null}
      <button
        type="button"
        className="button button-white"
        disabled={sending || !mayAct()}
        onClick={() => void acknowledge([newest])}
      >
        <Icon name="check" />
        {sending ? t('act.acknowledging') : t('act.acknowledge')}
      </button>
    </div>
  )
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
