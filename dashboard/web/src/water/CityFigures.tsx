import type { ReactNode } from 'react'
import type { GoFirst, WaterSummary } from '../../../../contract/water-api.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { Link } from '../shell/Link.tsx'
import { flowFigure, flowWords, leakWords, percentFigure, yuanFigure } from './water-words.ts'

/** The city's night in five figures, each with what it means. */
export function CityFigures(props: {
  readonly summary: WaterSummary
  /** The household that leaks most; undefined: none does. */
  readonly worstLeak: GoFirst | undefined
}): ReactNode {
  const { t } = useText()
  const { summary, worstLeak } = props
  const { villages, onlyInflow } = summary
  const coverage = (['judged', 'learning', 'notJudged', 'unmeasured'] as const).filter(
    (name) => name === 'judged' || villages[name] > 0,
  )
  return (
    <section className="city-figures" aria-label={t('city.label')}>
      <dl>
        <Compared
          name={t('city.loss')}
          now={summary.lossM3h}
          before={summary.lossM3hBefore}
          unit="m³/h"
          write={flowFigure}
        />
        <Compared
          name={t('city.percent')}
          now={summary.weekPercent}
          before={summary.weekPercentBefore}
          unit="%"
          write={percentFigure}
        />
        <Compared
          name={t('city.connection')}
          now={summary.weekLitresPerConnectionDay}
          before={summary.weekLitresPerConnectionDayBefore}
          unit={t('water.perDay')}
          write={formatCount}
        />
        <CityFigure name={t('city.open')} figure={formatCount(summary.openLosses)} unit={t('city.zones')}>
          {t('city.openOf', {
            flow: flowWords(summary.openLossM3h),
            yuan: t('water.yuanDay', { n: yuanFigure(summary.openYuanPerDay) }),
          })}
          <OpenInflows summary={summary} />
        </CityFigure>
        <CityFigure name={t('city.leaks')} figure={formatCount(summary.householdLeaks)} unit={t('city.households')}>
          {worstLeak === undefined ? (
            t('city.leaksOf', { n: formatCount(summary.householdLeakLph) })
          ) : (
            <Link to={{ page: 'device', id: worstLeak.id }}>
              {t('city.worstLeak', { name: worstLeak.name, flow: leakWords(worstLeak.lph) })}
            </Link>
          )}
        </CityFigure>
      </dl>
      <p className="coverage quiet">
        {coverage.map((name) => (
          <span key={name}>
            {t(`city.${name}`, { n: formatCount(villages[name]) })}
            {name === 'judged' && onlyInflow > 0 ? ` ${t('city.onlyInflow', { n: formatCount(onlyInflow) })}` : null}
          </span>
        ))}
      </p>
    </section>
  )
}

export function CityFigure(props: {
  readonly name: string
  readonly figure: string
  readonly unit: string
  readonly children: ReactNode
}): ReactNode {
  return (
    <div className="city-figure">
      <dt>{props.name}</dt>
      <dd>
        <strong>
          {props.figure}
          <small>{props.unit}</small>
        </strong>
        <span className="city-note quiet">{props.children}</span>
      </dd>
    </div>
  )
}

/** More than usual runs in where only that is measured: said beside what is lost, and no part of it. */
export function OpenInflows({ summary }: { readonly summary: WaterSummary }): ReactNode {
  const { t } = useText()
  const { openInflows, openInflowM3h } = summary
  if (openInflows === 0) return null
  return (
    <span className="city-inflows">
      {t('city.openInflows', { n: formatCount(openInflows), flow: flowWords(openInflowM3h) })}
    </span>
  )
}

/** A figure beside the one of a week ago; less is better. */
function Compared(props: {
  readonly name: string
  readonly now: number | null
  readonly before: number | null
  readonly unit: string
  write(value: number): string
}): ReactNode {
  const { t } = useText()
  const { name, now, before, unit, write } = props
  const figure = now === null ? '–' : write(now)
  const was = before === null ? null : write(before)
  return (
    <CityFigure name={name} figure={figure} unit={now === null ? '' : unit}>
      {now === null || before === null || was === null ? (
        t('city.noBefore')
      ) : was === figure ? (
        <>→ {t('city.same')}</>
      ) : now < before ? (
        <span className="is-better">↓ {t('city.better', { before: was })}</span>
      ) : (
        <span className="is-worse">↑ {t('city.worse', { before: was })}</span>
      )}
    </CityFigure>
  )
}
