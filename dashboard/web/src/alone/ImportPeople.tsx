import { type ChangeEvent, type ReactNode, useState } from 'react'
import { ALONE_TABLE } from '../../../../contract/alone.ts'
import { type ImportAnswer, LARGEST_TABLE } from '../../../../contract/home-answers.ts'
import { attempt } from '../api/attempt.ts'
import { queryOf, request } from '../api/request.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { view } from '../store/view.ts'
import { saveTable } from './save-table.ts'

/** More are one mistake, made in every row: they are in the table that can be downloaded. */
const FAULTS_SHOWN = 100
const ROWS_SHOWN = 200

const emptyTable = (language: 'zh' | 'en'): string =>
  `${Object.values(ALONE_TABLE)
    .map((column) => column[language])
    .join(',')}\r\n`

interface Checked {
  readonly file: File
  readonly answer: ImportAnswer
}

/** People from a table: checked as a whole first, written when the person who looked at it says so. */
export function ImportPeople(props: { onImported(): void; onClose(): void }): ReactNode {
  const { t, language } = useText()
  const { onImported, onClose } = props
  const [busy, setBusy] = useState(false)
  const [checked, setChecked] = useState<Checked | null>(null)
  const send = async (file: File, how: Readonly<Record<string, string>>): Promise<ImportAnswer | undefined> => {
    setBusy(true)
    const body = new Blob([file], { type: 'text/csv' })
    const sent = await attempt(() =>
      request<ImportAnswer>('POST', `/api/alone/import${queryOf({ name: file.name, ...how })}`, body),
    )
    setBusy(false)
    return sent?.done
  }
  const check = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const file = event.target.files?.[0]
    // The same file, corrected, is chosen again.
    event.target.value = ''
    setChecked(null)
    if (file === undefined) return
    if (file.size > LARGEST_TABLE) return view.say(t('alone.import.tooLarge'), true)
    const answer = await send(file, { dryRun: 'true' })
    if (answer !== undefined) setChecked({ file, answer })
  }
  const write = async ({ file, answer }: Checked): Promise<void> => {
    const done = await send(file, answer.faults.length > 0 ? {} : { whole: 'true' })
    if (done === undefined) return
    if (done.dryRun) {
      view.say(t('alone.import.changedMeanwhile'), true)
      setChecked({ file, answer: done })
      return
    }
    view.say(t('alone.import.done', { added: formatCount(done.added), changed: formatCount(done.changed) }))
    onImported()
  }
  return (
    <div className="import-people">
      <p className="quiet">{t('alone.import.lead')}</p>
      <p className="import-acts">
        <label className="button button-primary file-button">
          <input
            type="file"
            className="visually-hidden"
            disabled={busy}
            accept=".csv,.txt,text/csv"
            onChange={(event) => void check(event)}
          />
          <Icon name="upload" size={16} />
          {t('alone.import.choose')}
        </label>
        <button type="button" className="button" onClick={() => saveTable('alone.csv', emptyTable(language))}>
          <Icon name="download" size={16} />
          {t('alone.import.template')}
        </button>
        <button type="button" className="button button-quiet" onClick={onClose}>
          {t('act.cancel')}
        </button>
      </p>
      {busy && checked === null ? <p role="status">{t('alone.import.checking')}</p> : null}
      {checked === null ? null : <Preview checked={checked} busy={busy} onWrite={() => void write(checked)} />}
    </div>
  )
}

function Preview(props: { readonly checked: Checked; readonly busy: boolean; onWrite(): void }): ReactNode {
  const { t } = useText()
  const { checked, busy, onWrite } = props
  const { file, answer } = checked
  const { added, changed, unchanged, notImported, ignored } = answer
  const writes = added + changed
  const wrong = notImported > 0
  return (
    <section className="import-preview" aria-label={file.name}>
      <h3>{file.name}</h3>
      <p role="status" className={wrong ? 'import-wrong' : 'import-good'}>
        <Icon name={wrong ? 'question' : 'check'} size={16} />
        {wrong
          ? t('alone.import.wrong', { n: formatCount(notImported) })
          : t('alone.import.good', { n: formatCount(writes + unchanged) })}
      </p>
      <p>
        {t('alone.import.would', {
          added: formatCount(added),
          changed: formatCount(changed),
          unchanged: formatCount(unchanged),
        })}
      </p>
      {ignored.length === 0 ? null : <p className="warn">{t('alone.import.ignored', { list: ignored.join(', ') })}</p>}
      {wrong ? <Faults answer={answer} /> : null}
      <Rows answer={answer} />
      <p className="import-acts">
        {writes === 0 ? (
          <span className="quiet">{t('alone.import.nothing')}</span>
        ) : (
          <button
            type="button"
            className={wrong ? 'button' : 'button button-primary'}
            disabled={busy}
            onClick={onWrite}
          >
            {t(wrong ? 'alone.import.applyGood' : 'alone.import.apply', { n: formatCount(writes) })}
          </button>
        )}
        {answer.errorsCsv === '' ? null : (
          <button type="button" className="button" onClick={() => saveTable('errors.csv', answer.errorsCsv)}>
            <Icon name="download" size={16} />
            {t('alone.import.errors')}
          </button>
        )}
      </p>
    </section>
  )
}

function Faults({ answer: { faults } }: { readonly answer: ImportAnswer }): ReactNode {
  const { t, language } = useText()
  return (
    <div className="import-table">
      <table>
        <thead>
          <tr>
            <th scope="col">{t('alone.import.line')}</th>
            <th scope="col">{t('alone.import.column')}</th>
            <th scope="col">{t('alone.import.reason')}</th>
          </tr>
        </thead>
        <tbody>
          {faults.slice(0, FAULTS_SHOWN).map(({ line, column, reason, reasonZh }) => (
            <tr key={`${line} ${column} ${reason}`}>
              <td>{line}</td>
              <td>{ALONE_TABLE[column]?.[language] ?? column}</td>
              <td>{language === 'zh' ? reasonZh : reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {faults.length <= FAULTS_SHOWN ? null : (
        <p className="quiet">{t('alone.import.moreFaults', { n: formatCount(faults.length - FAULTS_SHOWN) })}</p>
      )}
    </div>
  )
}

function Rows({ answer: { rows } }: { readonly answer: ImportAnswer }): ReactNode {
  const { t } = useText()
  if (rows.length === 0) return null
  return (
    <details>
      <summary>{t('alone.import.rows')}</summary>
      <ul className="plain import-rows">
        {rows.slice(0, ROWS_SHOWN).map(({ line, id, outcome }) => (
          <li key={line}>
            <span className="quiet">{line}</span> {id} <span className="tag">{t(`alone.import.${outcome}`)}</span>
          </li>
        ))}
      </ul>
    </details>
  )
}
