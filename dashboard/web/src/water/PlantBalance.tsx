import type { ReactNode } from 'react'
import type { PlantDetail } from '../../../../contract/water-api.ts'
import { formatNumber } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { percentFigure } from './water-words.ts'

/** What came in less what went out, held against what the tank says. */
export function PlantBalance({ plant }: { readonly plant: PlantDetail }): ReactNode {
  const { t } = useText()
  const { balance } = plant
  if (balance === null) return null
  const { inM3, outM3, tankM3 } = balance
  const rest = inM3 - outM3 - (tankM3 ?? 0)
  const signed = (m3: number): string => `${m3 > 0 ? '+' : ''}${formatNumber(m3, 0)} m³`
  return (
    <section className="panel plant-balance" aria-label={t('plant.balance')}>
      <h2>{t('plant.balance')}</h2>
      <dl>
        <div>
          <dt>{t('plant.inflow')}</dt>
          <dd>{formatNumber(inM3, 0)} m³</dd>
        </div>
        <div>
          <dt>− {t('plant.outflow')}</dt>
          <dd>{formatNumber(outM3, 0)} m³</dd>
        </div>
        {tankM3 === null ? null : (
          <div>
            <dt>− {t('plant.tankChange')}</dt>
            <dd>{signed(tankM3)}</dd>
          </div>
        )}
        <div className="is-rest">
          <dt>= {t('plant.leftOver')}</dt>
          <dd>
            {signed(rest)} {inM3 > 0 ? <small>{percentFigure((rest / inM3) * 100)} %</small> : null}
          </dd>
        </div>
      </dl>
      <p className="quiet">{t(tankM3 === null ? 'plant.noArea' : 'plant.balanceHint')}</p>
    </section>
  )
}
