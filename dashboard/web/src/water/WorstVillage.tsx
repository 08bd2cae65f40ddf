import type { ReactNode } from 'react'
import type { WaterSummary, ZoneRow } from '../../../../contract/water-api.ts'
import { formatNumber } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { Icon, type IconName } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { flowShort, nightWords, standingOf, yuanFigure, zoneSentence } from './water-words.ts'

/** Tonight's worst village, large; or why there is none. */
export function WorstVillage(props: {
  readonly worst: ZoneRow | undefined
  readonly summary: WaterSummary
}): ReactNode {
  const { t } = useText()
  const { worst, summary } = props
  const { villages, yuanPerM3 } = summary
  if (worst !== undefined && worst.open !== null) {
    const { onlyInflow } = worst
    return (
      <section className="worst" aria-label={t('worst.title')}>
        <Link to={{ page: 'zone', id: worst.id }} className="worst-link">
          <span className="worst-head">
            <span className="worst-title">{t('worst.title')}</span>
            <strong className="worst-name">{worst.name}</strong>
            <span className="quiet">{worst.path.join(' › ')}</span>
          </span>
          <span className="worst-figures">
            <span>
              <strong>{flowShort(worst.open.lossM3h)}</strong> m³/h
              <small>{t(onlyInflow ? 'worst.moreIn' : 'worst.more')}</small>
            </span>
            <span>
              <strong>{yuanFigure(worst.open.yuanPerDay)}</strong> {t('water.yuanDay', { n: '' })}
              <small>{t(onlyInflow ? 'worst.costIf' : 'worst.cost', { n: formatNumber(yuanPerM3, 2, 0) })}</small>
            </span>
          </span>
          <span className="worst-sentence">{zoneSentence(worst, t)}</span>
          <span className="worst-open">
            {t(onlyInflow ? 'worst.openInflow' : 'worst.open')}
            <Icon name="right" size={16} />
          </span>
        </Link>
      </section>
    )
  }
  if (villages.judged > 0)
    return worst !== undefined && standingOf(worst) === 'high' ? (
      <Calm icon="question" title={t('worst.high')}>
        {zoneSentence(worst, t)}
      </Calm>
    ) : (
      <Calm icon="check" title={t('worst.none')}>
        {worst?.onlyInflow
          ? t('worst.noneInflow')
          : worst?.tonight
            ? t('worst.noneHint', { name: worst.name, flow: nightWords(worst.tonight) })
            : null}
      </Calm>
    )
  return villages.learning > 0 ? (
    <Calm icon="replay" title={t('worst.learning')}>
      {t('worst.learningHint')}
    </Calm>
  ) : (
    <Calm icon="question" title={t('worst.noBulk')}>
      {t('worst.noBulkHint')}
    </Calm>
  )
}

function Calm(props: { readonly icon: IconName; readonly title: string; readonly children: ReactNode }): ReactNode {
  const { t } = useText()
  return (
    <section className={`worst worst-calm${props.icon === 'check' ? ' is-good' : ''}`} aria-label={t('worst.title')}>
      <Icon name={props.icon} size={26} />
      <span>
        <strong>{props.title}</strong>
        <small className="quiet">{props.children}</small>
      </span>
    </section>
  )
}
