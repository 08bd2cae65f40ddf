import { type ReactNode, useEffect } from 'react'
import type { PlantDetail } from '../../../../contract/water-api.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { InstrumentCard } from './InstrumentCard.tsx'
import type { Instrument } from './instrument-state.ts'
import { PlantBalance } from './PlantBalance.tsx'
import { PlantCounts } from './PlantsPage.tsx'
import { Tank } from './Tank.tsx'

/** Instruments report every quarter of an hour, or minute: whoever looks on sees the newest within one. */
const REFRESH_MS = 30_000

const STAGES = [
  { name: 'in', roles: ['inflow'] },
  { name: 'treatment', roles: ['temperature', 'turbidity', 'ph', 'chlorine'] },
  { name: 'tank', roles: ['level'] },
  { name: 'pressure', roles: ['pressure'] },
  { name: 'out', roles: ['outflow'] },
] as const satisfies readonly { readonly name: string; readonly roles: readonly Instrument['role'][] }[]

/** One plant in the order of its water, each value beside what it must stay within. */
export function PlantPage({ id }: { readonly id: string }): ReactNode {
  const { t } = useText()
  const {
    data: plant,
    failure,
    reload,
  } = useAnswer(`plant ${id}`, (signal) => get<PlantDetail>(`/api/water/plants/${encodeURIComponent(id)}`, signal))
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) reload()
    }, REFRESH_MS)
    return () => clearInterval(timer)
  }, [reload])
  if (plant === undefined)
    return (
      <div className="page">
        {failure === undefined ? null : (
          <p className="empty">
            {t('plant.unknown')}
            <Link to={{ page: 'plants' }} className="button">
              {t('plants.title')}
            </Link>
          </p>
        )}
      </div>
    )
  return (
    <div className="page plant-page">
      <nav className="crumbs quiet" aria-label={t('homes.where')}>
        <Link to={{ page: 'plants' }}>{t('plants.title')}</Link>
        <PlacePath names={plant.path} />
      </nav>
      <header className="page-head">
        <Icon name="plant" size={30} />
        <div>
          <h1>{plant.name}</h1>
          <PlantCounts plant={plant} />
        </div>
        <span className="quiet push">{t('plant.last24h')}</span>
      </header>
      <ol className="plant-flow" aria-label={t('plant.picture')}>
        {STAGES.map(({ name, roles }) => {
          const here = plant.instruments.filter(({ role }) => (roles as readonly string[]).includes(role))
          return (
            <li key={name} className={`panel plant-stage stage-${name}`}>
              <h2>{t(`plant.stage.${name}`)}</h2>
              {here.length === 0 ? <p className="quiet">–</p> : null}
              {here.map((one) => (
                <div key={`${one.deviceId} ${one.role}`} className="stage-instrument">
                  {one.role === 'level' ? <Tank instrument={one} /> : null}
                  <InstrumentCard instrument={one} />
                </div>
              ))}
            </li>
          )
        })}
      </ol>
      <PlantBalance plant={plant} />
    </div>
  )
}
