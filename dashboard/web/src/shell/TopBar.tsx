import { type ReactNode, useSyncExternalStore } from 'react'
import { may, type Right } from '../../../../contract/roles.ts'
import { request } from '../api/request.ts'
import { formatCountdown } from '../format/age.ts'
import { formatCount } from '../format/amount.ts'
import { formatClock, formatDate } from '../format/time.ts'
import { chooseLanguage, useText } from '../i18n/text.ts'
import type { TextKey } from '../i18n/zh.ts'
import { isMuted } from '../sound/ringing.ts'
import { useConsole } from '../store/console.ts'
import { ringing } from '../store/rings.ts'
import { useView, view } from '../store/view.ts'
import { Age } from './Age.tsx'
import { Icon, type IconName } from './Icon.tsx'
import { Link } from './Link.tsx'
import { type Route, useRoute } from './route.ts'
import { bell } from './services.ts'
import { useTick } from './ticker.ts'

interface Page {
  readonly to: Route
  readonly word: TextKey
  readonly icon: IconName
  /** Shown, without its word, to those who may; the server refuses the others anyway. */
  readonly right?: Right
}

const PAGES: readonly Page[] = [
  { to: { page: 'map' }, word: 'nav.map', icon: 'map' },
  { to: { page: 'incidents' }, word: 'nav.incidents', icon: 'fire' },
  { to: { page: 'homes' }, word: 'nav.homes', icon: 'home' },
  { to: { page: 'water' }, word: 'nav.water', icon: 'water' },
  { to: { page: 'devices' }, word: 'nav.devices', icon: 'devices' },
  { to: { page: 'quarantine' }, word: 'nav.quarantine', icon: 'question' },
  { to: { page: 'system' }, word: 'nav.system', icon: 'system' },
  { to: { page: 'channels' }, word: 'nav.channels', icon: 'broadcast', right: 'admin' },
  { to: { page: 'users' }, word: 'nav.users', icon: 'people', right: 'admin' },
]

/** The page of the navigation that another one belongs to. */
const SECTIONS: Partial<Record<Route['page'], Route['page']>> = {
  device: 'devices',
  incident: 'incidents',
  report: 'incidents',
  home: 'homes',
  hazards: 'homes',
  hazard: 'homes',
  duty: 'homes',
  alone: 'homes',
  zone: 'water',
  first: 'water',
  orders: 'water',
  order: 'water',
  plants: 'water',
  plant: 'water',
}
const sectionPage = ({ page }: Route): Route['page'] => SECTIONS[page] ?? page

export function Logo({ size = 28 }: { readonly size?: number }): ReactNode {
  return <img src="/favicon.svg" width={size} height={size} alt="" className="logo" />
}

function LinkState(): ReactNode {
  const { t } = useText()
  const link = useConsole((s) => s.link)
  const pulse = useConsole((s) => s.pulse)
  const clock = useTick(formatClock)
  const date = useTick(formatDate)
  return (
    <div className={`link-state link-${link}`}>
      <span className="link-dot" aria-hidden="true" />
      <span className="link-words">
        <strong>{t(`link.${link}`)}</strong>
        <small className="quiet">
          {pulse === null || pulse.lastReadingAt === null ? (
            t('link.noData')
          ) : (
            <>
              {t('link.lastData', { age: '' })}
              <Age at={pulse.lastReadingAt} /> · {t('link.rate', { n: formatCount(pulse.readingsPerMinute) })}
            </>
          )}
        </small>
      </span>
      <span className="clock" title={date}>
        {clock}
        <small className="quiet">{date}</small>
      </span>
    </div>
  )
}

const useBell = () => useSyncExternalStore(bell.store.subscribe, bell.store.get)

function SoundControl(): ReactNode {
  const { t } = useText()
  const { enabled, failed, mute } = useBell()
  const alarms = useConsole((s) => s.alarms)
  const incidents = useConsole((s) => s.incidents)
  const waiting = ringing({ alarms, incidents }).map(({ key }) => key)
  const left = useTick(() => (mute === null ? '' : formatCountdown(mute.until - Date.now())))
  if (!enabled)
    return (
      <button
        type="button"
        className={`button sound sound-off${waiting.length > 0 ? ' is-urgent' : ''}`}
        title={t('sound.enableHint')}
        onClick={() => void bell.enable()}
      >
        <Icon name="bellOff" />
        {failed ? t('sound.failed') : t('sound.enable')}
      </button>
    )
  if (waiting.length === 0)
    return (
      <span className="sound sound-on">
        <Icon name="bell" />
        <span>{t('sound.on')}</span>
      </span>
    )
  return isMuted(waiting, mute, Date.now()) ? (
    <button type="button" className="button sound sound-muted" title={t('sound.unmute')} onClick={() => bell.unmute()}>
      <Icon name="bellOff" />
      {t('sound.muted', { left })}
    </button>
  ) : (
    <button type="button" className="button sound sound-ringing" title={t('sound.ringing')} onClick={() => bell.mute()}>
      <Icon name="bell" />
      {t('sound.mute')}
    </button>
  )
}

/** Other consoles whose bell is silent: nobody hears it there. */
function MutedElsewhere(): ReactNode {
  const { t } = useText()
  const muted = useConsole((s) => s.muted)
  const own = useConsole((s) => s.session?.name)
  const names = useTick((now) =>
    [...new Set(muted.filter(({ name, until }) => name !== own && until > now).map(({ name }) => name))].join(', '),
  )
  if (names === '') return null
  return (
    <span className="sound sound-elsewhere" role="status" title={t('sound.mutedElsewhereHint')}>
      <Icon name="bellOff" size={16} />
      {t('sound.mutedElsewhere', { names })}
    </span>
  )
}

export function TopBar(): ReactNode {
  const { t, language } = useText()
  const route = useRoute()
  const theme = useView((v) => v.theme)
  const wall = useView((v) => v.wall)
  const session = useConsole((s) => s.session)
  const signOut = async (): Promise<void> => {
    await request('DELETE', '/api/session').catch(() => undefined)
    // A fresh start: nothing of this person stays in memory.
    location.assign('/')
  }
  return (
    <header className="top">
      <a className="skip" href="#queue">
        {t('nav.skip')}
      </a>
      <Link to={{ page: 'map' }} className="brand" label={t('app.name')}>
        <Logo />
        <span className="brand-words">
          <strong>{t('app.name')}</strong>
          <small className="quiet">{t('app.tagline')}</small>
        </span>
      </Link>
      <nav className="nav" aria-label={t('nav.main')}>
        {PAGES.filter(({ right }) => right === undefined || (session && may(session.role, right))).map(
          ({ to, word, icon, right }) => (
            <Link key={to.page} to={to} label={t(word)} current={sectionPage(route) === to.page}>
              <Icon name={icon} />
              {right === undefined ? <span>{t(word)}</span> : null}
            </Link>
          ),
        )}
      </nav>
      <button
        type="button"
        className="find"
        aria-label={t('top.findLabel')}
        onClick={() => view.change({ palette: true })}
      >
        <Icon name="search" />
        <span>{t('top.find')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <LinkState />
      <MutedElsewhere />
      <SoundControl />
      <div className="top-tools">
        <button
          type="button"
          className="button button-quiet language"
          title={t('top.languageLabel')}
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          onClick={() => void chooseLanguage(language === 'zh' ? 'en' : 'zh')}
        >
          {t('top.language')}
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={theme === 'dark' ? t('top.themeLight') : t('top.themeDark')}
          title={theme === 'dark' ? t('top.themeLight') : t('top.themeDark')}
          onClick={() => view.chooseTheme(theme === 'dark' ? 'light' : 'dark')}
        >
          <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-pressed={wall}
          aria-label={wall ? t('top.wallLeave') : t('top.wall')}
          title={wall ? t('top.wallLeave') : t('top.wall')}
          onClick={() => view.chooseWall(!wall)}
        >
          <Icon name="wall" />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t('top.keys')}
          title={t('top.keys')}
          onClick={() => view.change({ keys: true })}
        >
          <Icon name="keyboard" />
        </button>
        {session ? (
          <>
            <Link
              to={{ page: 'account' }}
              className="icon-button"
              current={route.page === 'account'}
              label={`${t('account.title')}: ${t('top.user', { name: session.name, role: t(`role.${session.role}`) })}`}
            >
              <Icon name="person" />
            </Link>
            <button
              type="button"
              className="icon-button"
              aria-label={t('top.signOut')}
              title={t('top.signOut')}
              onClick={() => void signOut()}
            >
              <Icon name="signOut" />
            </button>
          </>
        ) : null}
      </div>
    </header>
  )
}
