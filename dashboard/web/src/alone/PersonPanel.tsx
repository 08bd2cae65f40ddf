import { type ReactNode, useState } from 'react'
import type { AloneDetail } from '../../../../contract/alone.ts'
import { attempt } from '../api/attempt.ts'
import { get, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { lastEvent, useReload } from '../api/use-reload.ts'
import { formatCount } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { serverNow } from '../store/console.ts'
import { AwayButton } from './AwayButton.tsx'
import { sendBack } from './alone-act.ts'
import { stateWords, stillWords } from './alone-words.ts'
import { Contacts } from './Contacts.tsx'
import { DayBars } from './DayBars.tsx'
import { History } from './History.tsx'
import { WatchForm } from './WatchForm.tsx'
import { WeekMap } from './WeekMap.tsx'

const GATHER_MS = 500

/** One of them: whom to call, what they said, where they are, how they live by their water. */
export function PersonPanel(props: { readonly deviceId: string; onChanged(): void; onClose(): void }): ReactNode {
  const { t } = useText()
  const { deviceId, onChanged, onClose } = props
  const answer = usePerson(deviceId)
  const [editing, setEditing] = useState(false)
  const person = answer.data
  const changed = (): void => {
    answer.reload()
    onChanged()
  }
  const remove = async (): Promise<void> => {
    if (!window.confirm(t('alone.removeSure'))) return
    if (await attempt(() => request('DELETE', `/api/alone/${encodeURIComponent(deviceId)}`))) {
      onChanged()
      onClose()
    }
  }
  return (
    <aside className="panel person-panel" aria-label={person?.name ?? person?.placePath.at(-1) ?? deviceId}>
      <button type="button" className="icon-button panel-close" aria-label={t('alone.closePanel')} onClick={onClose}>
        <Icon name="close" />
      </button>
      {person === undefined ? (
        <p className="quiet">{answer.failure === undefined ? t('queue.loading') : answer.failure.message}</p>
      ) : editing ? (
        <WatchForm
          person={person}
          onSaved={() => {
            setEditing(false)
            changed()
          }}
          onCancel={() => setEditing(false)}
        />
      ) : (
        <>
          <PersonHead person={person} />
          <Contacts person={person} onAnswered={changed} />
          <Absence person={person} onChanged={changed} />
          <DayBars days={person.days} limit={person.rule.noUseLitres} />
          <WeekMap weekdays={person.weekdays} />
          <History events={person.history} />
          {mayAct('alone.edit') ? (
            <p className="form-actions">
              <button type="button" className="button" onClick={() => setEditing(true)}>
                {t('alone.edit')}
              </button>
              <button type="button" className="button button-quiet" onClick={() => void remove()}>
                {t('alone.remove')}
              </button>
            </p>
          ) : null}
        </>
      )}
    </aside>
  )
}

export function usePerson(deviceId: string) {
  const answer = useAnswer(`alone ${deviceId}`, (signal) =>
    get<AloneDetail>(`/api/alone/${encodeURIComponent(deviceId)}`, signal),
  )
  useReload(lastEvent, GATHER_MS, answer.reload)
  return answer
}

function PersonHead({ person }: { readonly person: AloneDetail }): ReactNode {
  const { t, language } = useText()
  const { name, placePath, deviceId, placeId, alarm, usual, state } = person
  const words = stateWords(person, serverNow(), t)
  return (
    <header>
      <h2>
        {name ?? placePath.at(-1) ?? placeId} <span className={`tag alone-${state}`}>{t(`alone.state.${state}`)}</span>
      </h2>
      <p className="quiet">
        {placePath.join(' › ')} · <Link to={{ page: 'device', id: deviceId }}>{deviceId}</Link>
      </p>
      {alarm === null ? null : (
        <p className={alarm.severity === 'MAJOR' ? 'warn' : undefined}>
          {language === 'zh' ? alarm.reasonZh : alarm.reason}{' '}
          {alarm.incidentId === null ? null : (
            <Link to={{ page: 'incident', id: alarm.incidentId }}>{t('alone.incident')}</Link>
          )}
        </p>
      )}
      <p>
        {stillWords(person, serverNow(), t)} ·{' '}
        {usual === null ? t('alone.learning') : t('alone.usual', { n: formatCount(usual) })}
        {words === null ? '' : ` · ${words}`}
      </p>
    </header>
  )
}

function Absence(props: { readonly person: AloneDetail; onChanged(): void }): ReactNode {
  const { t } = useText()
  const { person, onChanged } = props
  const { away, awayNote, deviceId } = person
  if (away === null) return <AwayButton deviceId={deviceId} onDone={onChanged} />
  return (
    <p className="absence">
      <span>
        {t('alone.awayBy', { name: away.by })}
        {awayNote === null || awayNote === '' ? null : <em> {awayNote}</em>}
      </span>
      {mayAct('alone.edit') ? (
        <button
          type="button"
          className="button"
          onClick={() => void sendBack(deviceId).then((done) => done && onChanged())}
        >
          {t('alone.back')}
        </button>
      ) : null}
    </p>
  )
}
