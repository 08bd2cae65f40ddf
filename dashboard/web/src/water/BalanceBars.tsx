import { type ReactNode, useState } from 'react'
import { CITY_OFFSET_MS } from '../../../../contract/city-time.ts'
import type { WaterBalance } from '../../../../contract/water-api.ts'
import { get, queryOf } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { formatCount, formatNumber } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { serverNow } from '../store/console.ts'
import { PipesForm } from './PipesForm.tsx'
import { zonePath } from './water-api.ts'
import { percentFigure, shareFigure, volumeFigure } from './water-words.ts'

const SPANS_DAYS = [7, 30, 90] as const
const DAY_MS = 24 * 3_600_000

/** The parts of the lowest row, from left to right: the right half is lost. Real losses are what the others leave. */
const PARTS = [
  { name: 'billed', m3: 'billedM3', by: 'measured' },
  { name: 'unbilled', m3: 'unbilledM3', by: 'assumed' },
  { name: 'apparent', m3: 'apparentM3', by: 'assumed' },
  { name: 'real', m3: 'realM3', by: 'rest' },
] as const

type Measured = WaterBalance & Readonly<Record<'inputM3' | (typeof PARTS)[number]['m3'], number>>

/** Where a part is not measured there is nothing to balance. */
const isMeasured = (balance: WaterBalance): balance is Measured =>
  balance.inputM3 !== null && balance.inputM3 > 0 && PARTS.every(({ m3 }) => balance[m3] !== null)

/** The water balance of the IWA: what came in, and where it went, row below row. Assumed parts are hatched and named. */
export function BalanceBars({ zoneId }: { readonly zoneId: string }): ReactNode {
  const { t } = useText()
  const [days, setDays] = useState<(typeof SPANS_DAYS)[number]>(7)
  const [editing, setEditing] = useState(false)
  const { data, failure, reload } = useAnswer(`${zoneId} ${days}`, (signal) => {
    // Whole days of the city, as every other figure of a week.
    const to = Math.floor((serverNow() + CITY_OFFSET_MS) / DAY_MS) * DAY_MS - CITY_OFFSET_MS
    return get<WaterBalance>(`${zonePath(zoneId)}/balance${queryOf({ from: to - days * DAY_MS, to })}`, signal)
  })
  return (
    <section className="panel balance" aria-label={t('balance.title')}>
      <div className="heading">
        <h2>{t('balance.title')}</h2>
        <fieldset className="segments segments-small push" aria-label={t('balance.title')}>
          {SPANS_DAYS.map((one) => (
            <button key={one} type="button" aria-pressed={days === one} onClick={() => setDays(one)}>
              {t('balance.days', { n: one })}
            </button>
          ))}
        </fieldset>
      </div>
      {data === undefined ? (
        <p className="balance-empty quiet">{failure === undefined ? t('devices.loading') : t('balance.none')}</p>
      ) : !isMeasured(data) ? (
        <p className="balance-empty quiet">{t('balance.none')}</p>
      ) : (
        <Balance balance={data} />
      )}
      {data === undefined || !mayAct('water.edit') ? null : editing ? (
        <PipesForm
          zoneId={zoneId}
          pipes={data.pipes}
          measuredPressureM={data.measuredPressureM}
          onDone={() => {
            setEditing(false)
            reload()
          }}
        />
      ) : (
        <button type="button" className="button balance-pipes" onClick={() => setEditing(true)}>
          {t('pipes.edit')}
        </button>
      )}
    </section>
  )
}

function Balance({ balance }: { readonly balance: Measured }): ReactNode {
  const { t, language } = useText()
  const volume = (m3: number): string => t('water.m3', { n: volumeFigure(m3) })
  const grow = (m3: number): { flexGrow: number } => ({ flexGrow: Math.max(0, m3) })
  return (
    <>
      {balance.valid ? null : (
        <p className="balance-warning">
          {t('balance.invalid', { reported: shareFigure(balance.reported), bulk: shareFigure(balance.bulkReported) })}
        </p>
      )}
      <div className="balance-bars" aria-hidden="true">
        <div className="balance-row">
          <span className="part-input" style={grow(balance.inputM3)}>
            {t('balance.input')} {volume(balance.inputM3)}
          </span>
        </div>
        <div className="balance-row">
          <span className="part-authorised" style={grow(balance.billedM3 + balance.unbilledM3)}>
            {t('balance.authorised')}
          </span>
          <span className="part-losses" style={grow(balance.apparentM3 + balance.realM3)}>
            {t('balance.losses')}
          </span>
        </div>
        <div className="balance-row">
          {PARTS.map(({ name, m3, by }) => (
            <span
              key={name}
              className={`part-${name}${by === 'assumed' ? ' is-assumed' : ''}`}
              style={grow(balance[m3])}
              title={`${t(`balance.${name}`)} ${volume(balance[m3])}`}
            />
          ))}
        </div>
      </div>
      <ul className="balance-parts">
        {PARTS.map(({ name, m3, by }) => (
          <li key={name}>
            <i className={`part-${name}${by === 'assumed' ? ' is-assumed' : ''}`} />
            <span>{t(`balance.${name}`)}</span>
            <strong>{volume(balance[m3])}</strong>
            <small className="tag">{t(`balance.${by}`)}</small>
          </li>
        ))}
      </ul>
      <dl className="balance-figures">
        <Figure name={t('balance.lossPercent')} value={balance.lossPercent} write={percentFigure} unit="%" />
        <Figure name={t('balance.gross')} value={balance.grossPercent} write={percentFigure} unit="%" />
        <Figure name={t('balance.rated')} value={balance.ratedPercent} write={percentFigure} unit="%" />
        <Figure
          name={t('balance.connection')}
          value={balance.litresPerConnectionDay}
          write={formatCount}
          unit={t('water.perDay')}
        />
        <Figure
          name={t('balance.uarl')}
          value={balance.uarlLitresPerConnectionDay}
          write={formatCount}
          unit={t('water.perDay')}
        />
        <Figure
          name={t('balance.ili')}
          value={balance.ili}
          write={(ili) => formatNumber(ili, 1)}
          unit=""
          without={t('balance.iliNone')}
        />
      </dl>
      {balance.assumptions.length === 0 ? null : (
        <details className="balance-assumptions">
          <summary className="quiet">{t('balance.assumptions')}</summary>
          <ul>
            {balance.assumptions.map((one) => (
              <li key={one.en}>
                <strong>{one.value}</strong> {inLanguage(one, language)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

function Figure(props: {
  readonly name: string
  readonly value: number | null
  readonly unit: string
  readonly without?: string
  write(value: number): string
}): ReactNode {
  const { name, value, unit, without, write } = props
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value === null ? (
          <span className="quiet">{without ?? '–'}</span>
        ) : (
          <>
            {write(value)} <small>{unit}</small>
          </>
        )}
      </dd>
    </div>
  )
}
