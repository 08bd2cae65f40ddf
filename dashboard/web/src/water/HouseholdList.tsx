import { type ReactNode, useState } from 'react'
import type { ZoneDetail, ZoneMeter } from '../../../../contract/water-api.ts'
import { consumptionOf, formatCount } from '../format/amount.ts'
import { formatDay } from '../format/time.ts'
import { useText } from '../i18n/text.ts'
import { Age } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { litresWords } from './litres-words.ts'

/** Rows before "show all": the first page of a village of 240 meters is its leaks. */
const FIRST = 8
const LITRES_PER_M3 = 1000

/** Households of a zone: who leaks most is first and large, then who uses most. */
export function HouseholdList({ zone }: { readonly zone: ZoneDetail }): ReactNode {
  const { t, language } = useText()
  const [all, setAll] = useState(false)
  const { households, householdsTotal, useHidden } = zone
  const leaks = households.filter(({ leak }) => leak !== null)
  const others = households
    .filter(({ leak }) => leak === null)
    .toSorted((a, b) => (b.litresDay ?? -1) - (a.litresDay ?? -1))
  const shown = all ? others : others.slice(0, FIRST)
  // Of those whom care watches a day is told, of their neighbours none.
  const isTold = !useHidden || households.some(({ litresDay }) => litresDay !== null)
  if (zone.onlyInflow && householdsTotal === 0)
    return (
      <section className="panel households" aria-label={t('households.absent')}>
        <h2>{t('households.absent')}</h2>
        <p className="quiet">{t('households.onlyInflow')}</p>
      </section>
    )
  return (
    <section className="panel households" aria-label={t('households.title')}>
      <div className="heading">
        <h2>{t('households.title')}</h2>
        <span className="panel-count">{formatCount(householdsTotal)}</span>
      </div>
      {householdsTotal === 0 ? (
        <p className="quiet">{t('households.none')}</p>
      ) : leaks.length === 0 ? (
        <p className="households-calm">
          <Icon name="check" />
          <span>
            {t('households.noLeak')}
            <small className="quiet">{t('households.noLeakHint')}</small>
          </span>
        </p>
      ) : (
        <ol className="leaks">
          {leaks.map(({ deviceId, name, placeName, leak }) =>
            leak === null ? null : (
              <li key={deviceId}>
                <Link to={{ page: 'device', id: deviceId }}>
                  <span className="leak-figure">
                    <strong>{formatCount(leak.lph)}</strong>
                    <small>l/h</small>
                  </span>
                  <span className="leak-words">
                    <strong>{name}</strong>
                    <span className="quiet">
                      {placeName} · {t('households.since', { day: formatDay(leak.since) })}
                    </span>
                    <span>{language === 'zh' ? leak.evidenceZh : leak.evidence}</span>
                  </span>
                  <Icon name="right" size={16} />
                </Link>
              </li>
            ),
          )}
        </ol>
      )}
      {shown.length === 0 ? null : (
        <>
          <h3>{t(useHidden ? 'households.others' : 'households.largest')}</h3>
          {useHidden ? <p className="note quiet">{t('households.useHidden')}</p> : null}
          <table className="table households-table">
            <thead>
              <tr>
                <th scope="col">{t('households.who')}</th>
                {isTold ? (
                  <>
                    <th scope="col" className="number">
                      {t('households.day')}
                    </th>
                    <th scope="col" className="number">
                      {t('households.night')}
                    </th>
                  </>
                ) : null}
                <th scope="col" className="number">
                  {t('households.heard')}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((meter) => (
                <Row key={meter.deviceId} meter={meter} isTold={isTold} />
              ))}
            </tbody>
          </table>
          {others.length > FIRST ? (
            <button type="button" className="button households-more" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? t('households.some', { n: FIRST }) : t('households.all', { n: formatCount(others.length) })}
            </button>
          ) : null}
          {all && householdsTotal > households.length ? (
            <p className="note quiet">
              {t('households.capped', { n: formatCount(households.length), total: formatCount(householdsTotal) })}
            </p>
          ) : null}
        </>
      )}
    </section>
  )
}

function Row({ meter, isTold }: { readonly meter: ZoneMeter; readonly isTold: boolean }): ReactNode {
  const { t } = useText()
  const { deviceId, name, placeName, litresDay, nightLph, lastHeardAt } = meter
  return (
    <tr>
      <td>
        <Link to={{ page: 'device', id: deviceId }}>{name}</Link>
        <small className="quiet">{placeName}</small>
      </td>
      {isTold ? (
        <>
          <td className="number">
            {litresDay === null ? '–' : Object.values(consumptionOf(litresDay / LITRES_PER_M3)).join(' ')}
          </td>
          <td className="number">{nightLph === null ? '–' : litresWords(nightLph)}</td>
        </>
      ) : null}
      <td className="number quiet">{lastHeardAt === null ? t('bulk.never') : <Age at={lastHeardAt} />}</td>
    </tr>
  )
}
