import { type ReactNode, useState } from 'react'
import {
  ALONE_STATES,
  type AloneRow,
  type AloneState,
  ANSWERS,
  type AlonePage as Answer,
} from '../../../../contract/alone.ts'
import { get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { usePages } from '../api/use-pages.ts'
import { anyNews, useReload } from '../api/use-reload.ts'
import { useSettled } from '../api/use-settled.ts'
import { formatCount } from '../format/amount.ts'
import { CountyChoice } from '../homes/CountyChoice.tsx'
import { HomesTabs } from '../homes/HomesTabs.tsx'
import { inLanguage, useText } from '../i18n/text.ts'
import { LongTable } from '../list/LongTable.tsx'
import { mayAct } from '../queue/act.ts'
import { Age } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { serverNow } from '../store/console.ts'
import { AwayButton } from './AwayButton.tsx'
import { sendAnswer, sendBack } from './alone-act.ts'
import { stateWords, stillWords } from './alone-words.ts'
import { CallNow } from './CallNow.tsx'
import { DayBars } from './DayBars.tsx'
import { ImportPeople } from './ImportPeople.tsx'
import { PersonPanel } from './PersonPanel.tsx'
import { WatchForm } from './WatchForm.tsx'

const ROW_PX = 64
/** Uploads come all night long: the list is asked for again at most this often. */
const GATHER_MS = 3000

/** Everybody who lives alone and is watched by their water, who wants somebody first. */
export function AlonePage(): ReactNode {
  const { t } = useText()
  const [state, setState] = useState<AloneState | ''>('')
  const [county, setCounty] = useState('')
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState<string | null>(null)
  const [entering, setEntering] = useState<'one' | 'table' | null>(null)
  const pages = usePages<AloneRow>('/api/alone', { state, placeId: county, q: useSettled(search) })
  const sums = useAnswer('alone sums', (signal) => get<Answer>('/api/alone?limit=1', signal))
  const reload = (): void => {
    pages.reload()
    sums.reload()
  }
  useReload(anyNews, GATHER_MS, reload)
  const counts = sums.data?.counts
  const total = counts === undefined ? 0 : ALONE_STATES.reduce((sum, one) => sum + counts[one], 0)
  return (
    <div className="page page-fill alone-page">
      <header className="page-head">
        <h1>{t('alone.title')}</h1>
        <span className="quiet">{t('alone.total', { n: formatCount(total) })}</span>
        <HomesTabs current="alone" />
      </header>
      <div className="list-filters">
        <fieldset className="segments" aria-label={t('alone.how')}>
          <button type="button" aria-pressed={state === ''} onClick={() => setState('')}>
            {t('alone.all', { n: formatCount(total) })}
          </button>
          {ALONE_STATES.map((one) => (
            <button key={one} type="button" aria-pressed={state === one} onClick={() => setState(one)}>
              {t('alone.count', { what: t(`alone.state.${one}`), n: formatCount(counts?.[one] ?? 0) })}
            </button>
          ))}
        </fieldset>
        <input
          type="search"
          value={search}
          placeholder={t('alone.search')}
          aria-label={t('alone.search')}
          onChange={(event) => setSearch(event.target.value)}
        />
        <CountyChoice value={county} onChange={setCounty} />
        {mayAct('alone.edit') ? (
          <>
            <button type="button" className="button" onClick={() => setEntering('one')}>
              <Icon name="plus" size={16} />
              {t('alone.add')}
            </button>
            <button type="button" className="button" onClick={() => setEntering('table')}>
              <Icon name="upload" size={16} />
              {t('alone.import')}
            </button>
          </>
        ) : null}
      </div>
      {entering === 'one' ? (
        <section className="panel alone-entry" aria-label={t('alone.add')}>
          <WatchForm
            person={null}
            onSaved={(deviceId) => {
              setEntering(null)
              setChosen(deviceId)
              reload()
            }}
            onCancel={() => setEntering(null)}
          />
        </section>
      ) : null}
      {entering === 'table' ? (
        <section className="panel alone-entry" aria-label={t('alone.import')}>
          <ImportPeople
            onImported={() => {
              setEntering(null)
              reload()
            }}
            onClose={() => setEntering(null)}
          />
        </section>
      ) : null}
      <div className={chosen === null ? 'alone-split' : 'alone-split has-person'}>
        <LongTable
          label={t('alone.title')}
          className="own-columns list-alone"
          pages={pages}
          rowPx={ROW_PX}
          columns={[t('alone.who'), t('alone.how'), t('alone.lastUse'), t('alone.fortnight'), t('alone.act')]}
          empty={
            <>
              <p>{t(pages.loading ? 'devices.loading' : pages.failed ? 'devices.failed' : 'alone.none')}</p>
              {!pages.loading && !pages.failed && total === 0 ? <p className="quiet">{t('alone.noneHint')}</p> : null}
            </>
          }
          keyOf={(row) => row.deviceId}
          cells={(row) => <Cells row={row} onChoose={() => setChosen(row.deviceId)} onChanged={reload} />}
        />
        {chosen === null ? null : (
          <PersonPanel key={chosen} deviceId={chosen} onChanged={reload} onClose={() => setChosen(null)} />
        )}
      </div>
    </div>
  )
}

function Cells(props: { readonly row: AloneRow; onChoose(): void; onChanged(): void }): ReactNode {
  const { t, language } = useText()
  const { row, onChoose, onChanged } = props
  const { name, placePath, placeId, state, alarm, call, lastAt, usual, days, rule } = row
  const now = serverNow()
  const words = stateWords(row, now, t)
  return (
    <>
      <td className="list-name name-only">
        <button type="button" className="link-button" onClick={onChoose}>
          {name ?? placePath.at(-1) ?? placeId}
        </button>
        <small className="quiet">{(name === null ? placePath.slice(0, -1) : placePath).join(' › ')}</small>
      </td>
      <td className="cell-concerns">
        <span className={`tag alone-${state}`}>{t(`alone.state.${state}`)}</span>
        {alarm === null ? null : <span>{language === 'zh' ? alarm.reasonZh : alarm.reason}</span>}
        {call === null ? null : <CallNow call={call} />}
        {words === null ? null : <small className={row.overdue ? 'warn' : 'quiet'}>{words}</small>}
      </td>
      <td data-label={t('alone.lastUse')}>
        {stillWords(row, now, t)}
        {lastAt === null ? null : (
          <small className="quiet">
            <Age at={lastAt} />
          </small>
        )}
      </td>
      <td data-label={t('alone.fortnight')}>
        <DayBars days={days} limit={rule.noUseLitres} />
        <small className="quiet">
          {usual === null ? t('alone.learning') : t('alone.usual', { n: formatCount(usual) })}
        </small>
      </td>
      <td>
        <RowActs row={row} onChoose={onChoose} onChanged={onChanged} language={language} />
      </td>
    </>
  )
}

function RowActs(props: {
  readonly row: AloneRow
  readonly language: 'zh' | 'en'
  onChoose(): void
  onChanged(): void
}): ReactNode {
  const { t } = useText()
  const { row, language, onChoose, onChanged } = props
  const { deviceId, alarm, call, away } = row
  if (!mayAct('alone.edit'))
    return (
      <button type="button" className="button button-quiet" onClick={onChoose}>
        {t('alone.more')}
      </button>
    )
  const answer = (what: 'fine' | 'nobody'): void =>
    void sendAnswer(deviceId, what, call?.contact ?? null).then((done) => done && onChanged())
  return (
    <span className="answers">
      {alarm === null ? null : (
        <button type="button" className="button" onClick={() => answer('fine')}>
          {inLanguage(ANSWERS.fine, language)}
        </button>
      )}
      {call === null || call.contact === null ? null : (
        <button type="button" className="button" onClick={() => answer('nobody')}>
          {inLanguage(ANSWERS.nobody, language)}
        </button>
      )}
      {away === null ? (
        <AwayButton deviceId={deviceId} onDone={onChanged} />
      ) : (
        <button
          type="button"
          className="button"
          onClick={() => void sendBack(deviceId).then((done) => done && onChanged())}
        >
          {t('alone.back')}
        </button>
      )}
      <button type="button" className="button button-quiet" onClick={onChoose}>
        {t('alone.more')}
      </button>
    </span>
  )
}
