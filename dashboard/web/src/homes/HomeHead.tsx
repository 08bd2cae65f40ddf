import type { ReactNode } from 'react'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { go } from '../shell/route.ts'
import { view } from '../store/view.ts'
import { Concerns } from './Concerns.tsx'
import { Contact } from './Contact.tsx'
import { LastDrill } from './LastDrill.tsx'

/** Close enough to tell houses apart. */
const STREET_ZOOM = 15

/** Which home, how it stands, whom to call. */
export function HomeHead({ home }: { readonly home: HomeDetail }): ReactNode {
  const { t } = useText()
  const { lon, lat, devices } = home
  const present = (home.contacts?.staff ?? []).filter((one) => one.onDuty)
  return (
    <>
      <nav className="crumbs quiet" aria-label={t('homes.where')}>
        <Link to={{ page: 'homes' }}>{t('homes.title')}</Link>
        <PlacePath names={home.placePath} />
      </nav>
      <header className="page-head home-head">
        <Icon name={home.kind === 'home' ? 'care' : 'home'} size={30} />
        <div>
          <h1>{home.name}</h1>
          <Concerns home={home} />
        </div>
        {lon !== null && lat !== null ? (
          <button
            type="button"
            className="button"
            onClick={() => {
              view.change({ goTo: { lon, lat, zoom: STREET_ZOOM } })
              go({ page: 'map' })
            }}
          >
            <Icon name="locate" />
            {t('act.locate')}
          </button>
        ) : null}
      </header>
      <dl className="home-facts">
        <Fact name={t('detail.contact')}>
          {home.contact === null ? <span className="quiet">–</span> : <Contact words={home.contact} />}
        </Fact>
        <Fact name={t('home.present')}>
          {present.length > 0 ? (
            present.map((one) => `${one.name} (${t(`staff.${one.duty}`)})`).join(t('home.and'))
          ) : home.staff.recorded === 0 ? (
            <span className="quiet">{t('home.noStaff')}</span>
          ) : (
            <span className={home.staff.staffed ? undefined : 'warn'}>
              {t('staff.count', { n: home.staff.onDuty })}
            </span>
          )}
        </Fact>
        <Fact name={t('homes.people')}>
          {t('homes.peopleIn', { beds: formatCount(home.beds), people: formatCount(home.residents) })}
        </Fact>
        <Fact name={t('homes.detectors')}>
          {t('homes.ok', { ok: formatCount(devices.ok), n: formatCount(devices.total) })}
        </Fact>
        <Fact name={t('homes.drill')}>
          <LastDrill home={home} />
        </Fact>
      </dl>
    </>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
