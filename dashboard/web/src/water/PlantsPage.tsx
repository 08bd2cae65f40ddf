import type { ReactNode } from 'react'
import type { Plant } from '../../../../contract/water-api.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { PlacePath } from '../shell/PlacePath.tsx'
import { InstrumentLine } from './InstrumentLine.tsx'
import { WaterTabs } from './WaterTabs.tsx'

/** Every plant: what is outside its limits, and the newest values. */
export function PlantsPage(): ReactNode {
  const { t } = useText()
  const { data, failure } = useAnswer('plants', (signal) =>
    get<{ readonly items: readonly Plant[] }>('/api/water/plants', signal),
  )
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('plants.title')}</h1>
        <WaterTabs current="plants" />
      </header>
      {data === undefined ? (
        <p className="empty quiet">{t(failure === undefined ? 'devices.loading' : 'devices.failed')}</p>
      ) : data.items.length === 0 ? (
        <div className="empty">
          <p>{t('plants.none')}</p>
          <p className="quiet">{t('plants.noneHint')}</p>
        </div>
      ) : (
        <ul className="plants">
          {data.items.map((plant) => (
            <li key={plant.id} className="panel">
              <h2>
                <Link to={{ page: 'plant', id: plant.id }}>{plant.name}</Link>
              </h2>
              <p className="quiet">
                <PlacePath names={plant.path} />
              </p>
              <PlantCounts plant={plant} />
              <ul className="plain plant-lines">
                {plant.instruments.map((one) => (
                  <InstrumentLine key={`${one.deviceId} ${one.role}`} instrument={one} />
                ))}
              </ul>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** How many values are inside their limits, outside, and not there. */
export function PlantCounts({ plant }: { readonly plant: Plant }): ReactNode {
  const { t } = useText()
  const count = (wanted: (one: Plant['instruments'][number]) => boolean): number =>
    plant.instruments.filter(wanted).length
  const outside = count(({ within, stale }) => within === false && !stale)
  const within = count((one) => one.within === true && !one.stale)
  const stale = count((one) => one.stale)
  if (plant.instruments.length === 0) return <p className="quiet">{t('plant.noInstruments')}</p>
  return (
    <p className="plant-counts">
      {outside === 0 ? null : (
        <span className="is-outside">
          <Icon name="close" size={15} /> {t('plants.outside', { n: outside })}
        </span>
      )}
      <span className="is-within">
        <Icon name="check" size={15} /> {t('plants.within', { n: within })}
      </span>
      {stale === 0 ? null : (
        <span className="quiet">
          <Icon name="question" size={15} /> {t('plants.stale', { n: stale })}
        </span>
      )}
    </p>
  )
}
