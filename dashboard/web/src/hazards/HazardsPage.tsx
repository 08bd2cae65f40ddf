import { type ReactNode, useState } from 'react'
import { HAZARD_KIND_NAMES, HAZARD_KINDS, HAZARD_STATES, type HazardAnswer } from '../../../../contract/hazards.ts'
import { queryOf } from '../api/request.ts'
import { usePages } from '../api/use-pages.ts'
import { formatCount } from '../format/amount.ts'
import { CountyChoice } from '../homes/CountyChoice.tsx'
import { HomesTabs } from '../homes/HomesTabs.tsx'
import { inLanguage, useText } from '../i18n/text.ts'
import { LongTable } from '../list/LongTable.tsx'
import { mayAct } from '../queue/act.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { go } from '../shell/route.ts'
import { Due } from './Due.tsx'
import { NewHazard } from './NewHazard.tsx'
import { VerdictMarks } from './VerdictMarks.tsx'

const ROW_PX = 64
const STATES = ['unclosed', ...HAZARD_STATES] as const

/** Every hazard, the soonest deadline first: what is overdue stands on top. */
export function HazardsPage(): ReactNode {
  const { t, language } = useText()
  const [state, setState] = useState<(typeof STATES)[number]>('unclosed')
  const [kind, setKind] = useState('')
  const [county, setCounty] = useState('')
  const [overdue, setOverdue] = useState(false)
  const [opening, setOpening] = useState(false)
  const query = { state, kind, placeId: county, overdue: overdue ? 'true' : null }
  const pages = usePages<HazardAnswer>('/api/hazards', query)
  return (
    <div className="page page-fill">
      <header className="page-head">
        <h1>{t('hazards.title')}</h1>
        <span className="quiet">{t('hazards.total', { n: formatCount(pages.total) })}</span>
        <HomesTabs current="hazards" />
      </header>
      <div className="list-filters">
        <fieldset className="segments" aria-label={t('incidents.state')}>
          {STATES.map((one) => (
            <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(one)}>
              {t(`hazard.state.${one}`)}
            </button>
          ))}
        </fieldset>
        <label>
          {t('devices.kind')}
          <select value={kind} onChange={(event) => setKind(event.target.value)}>
            <option value="">{t('devices.any')}</option>
            {HAZARD_KIND_NAMES.map((one) => (
              <option key={one} value={one}>
                {inLanguage(HAZARD_KINDS[one], language)}
              </option>
            ))}
          </select>
        </label>
        <CountyChoice value={county} onChange={setCounty} />
        <label>
          <input type="checkbox" checked={overdue} onChange={(event) => setOverdue(event.target.checked)} />
          {t('hazards.overdue')}
        </label>
        <span className="push row-buttons">
          <a className="button" href={`/api/hazards.csv${queryOf(query)}`} download>
            <Icon name="download" />
            {t('hazards.export')}
          </a>
          {mayAct('hazard.edit') ? (
            <button
              type="button"
              className="button button-primary"
              aria-expanded={opening}
              onClick={() => setOpening(!opening)}
            >
              <Icon name="plus" />
              {t('hazards.open')}
            </button>
          ) : null}
        </span>
      </div>
      {opening ? (
        <section className="panel" aria-label={t('hazards.open')}>
          <NewHazard home={null} onCancel={() => setOpening(false)} onOpened={(id) => go({ page: 'hazard', id })} />
        </section>
      ) : null}
      <LongTable
        label={t('hazards.title')}
        className="own-columns list-hazards"
        pages={pages}
        rowPx={ROW_PX}
        columns={[t('hazard.due'), t('hazard.what'), t('devices.place'), t('hazard.owner'), t('incidents.state')]}
        empty={
          <>
            <p>{t(pages.loading ? 'devices.loading' : pages.failed ? 'devices.failed' : 'hazards.none')}</p>
            {pages.loading || pages.failed ? null : <p className="quiet">{t('hazards.noneHint')}</p>}
          </>
        }
        keyOf={(hazard) => hazard.id}
        cells={(hazard) => <Cells hazard={hazard} />}
      />
    </div>
  )
}

function Cells({ hazard }: { readonly hazard: HazardAnswer }): ReactNode {
  const { t, language } = useText()
  return (
    <>
      <td>
        <Due hazard={hazard} />
      </td>
      <td className="list-name">
        <Link to={{ page: 'hazard', id: hazard.id }}>{inLanguage(HAZARD_KINDS[hazard.kind], language)}</Link>
        <small className="quiet">{hazard.description}</small>
      </td>
      <td className="list-place">{hazard.placePath.join(' › ')}</td>
      <td data-label={t('hazard.owner')}>{hazard.owner}</td>
      <td>
        <VerdictMarks hazard={hazard} />
      </td>
    </>
  )
}
