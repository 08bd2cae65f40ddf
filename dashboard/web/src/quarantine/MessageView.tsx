import { type ReactNode, useState } from 'react'
import type { QuarantineDetail, ReplayAnswer } from '../../../../contract/api.ts'
import { may } from '../../../../contract/roles.ts'
import { ApiFailure, get } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { todoOf } from '../i18n/reason-todo.ts'
import { useText } from '../i18n/text.ts'
import { At } from '../shell/Age.tsx'
import { Icon } from '../shell/Icon.tsx'
import { Link } from '../shell/Link.tsx'
import { useConsole } from '../store/console.ts'
import { view } from '../store/view.ts'
import { BytesView } from './BytesView.tsx'
import { TallyWords } from './ReplayPanel.tsx'
import { wordsOf } from './reason-words.ts'
import { replayOne } from './replay.ts'

/** One message of the quarantine: why it lies there, what to do, what it said, and a way to have it understood after all. */
export function MessageView(props: { readonly id: number; onReplayed(): void }): ReactNode {
  const { t } = useText()
  const { data, failure, reload } = useAnswer(`quarantine/${props.id}`, (signal) =>
    get<QuarantineDetail>(`/api/quarantine/${props.id}/detail`, signal),
  )
  if (failure) return <p role="alert">{failure.message}</p>
  if (!data) return <p className="quiet">{t('devices.loading')}</p>
  return (
    <div className="quarantined">
      <Facts entry={data} />
      <BytesView key={data.id} base64={data.bytes} offending={data.offending} />
      <Actions
        entry={data}
        onReplayed={() => {
          reload()
          props.onReplayed()
        }}
      />
    </div>
  )
}

function Facts({ entry }: { readonly entry: QuarantineDetail }): ReactNode {
  const { t, language } = useText()
  const { deviceId, sender, codec, triedAt } = entry
  return (
    <>
      <p className="quarantined-todo">
        <b>{t('quarantine.todo')}</b> {todoOf(entry.reason, language)}
      </p>
      <p className="quarantined-detail">
        <b>{wordsOf(entry.reason, language)}</b>
        <span lang="en">{entry.detail}</span>
        <code className="quiet">{entry.reason}</code>
      </p>
      <dl className="quarantined-facts">
        <Fact name={t('quarantine.arrived')}>
          <At at={entry.at} />
        </Fact>
        <Fact name={t('quarantine.device')}>
          <DeviceName id={deviceId} />
        </Fact>
        {sender === deviceId || sender === '' ? null : (
          <Fact name={t('quarantine.sender')}>
            <DeviceName id={sender} />
          </Fact>
        )}
        <Fact name={t('quarantine.topic')}>
          <code>{entry.topic}</code>
        </Fact>
        {codec === null ? null : (
          <Fact name={t('quarantine.codec')}>
            <code>{codec}</code>
          </Fact>
        )}
        <Fact name={t('quarantine.lane')}>{t(`system.lane.${entry.lane}`)}</Fact>
        {triedAt === null ? null : (
          <Fact name={t('quarantine.tried')}>
            <At at={triedAt} /> · {entry.triedBy} ·{' '}
            {entry.replayed ? t('quarantine.wasUnderstood') : t('quarantine.wasNot')}
          </Fact>
        )}
      </dl>
    </>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const DeviceName = ({ id }: { readonly id: string }): ReactNode =>
  id === '' ? '–' : <Link to={{ page: 'device', id }}>{id}</Link>

function Actions({ entry, onReplayed }: { readonly entry: QuarantineDetail; onReplayed(): void }): ReactNode {
  const { t } = useText()
  const role = useConsole((s) => s.session?.role)
  const [busy, setBusy] = useState(false)
  const [result, setResult] = useState<ReplayAnswer | string | null>(null)
  const run = async (dryRun: boolean): Promise<void> => {
    setBusy(true)
    try {
      const answer = await replayOne(entry.id, dryRun)
      setResult(answer)
      if (!dryRun) {
        view.say(t(answer.understood > 0 ? 'replay.oneDone' : 'replay.oneStill'), answer.understood === 0)
        onReplayed()
      }
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      setResult(error.message)
    } finally {
      setBusy(false)
    }
  }
  const mayReplay = role !== undefined && may(role, 'quarantine.replay') && entry.replayable
  return (
    <div className="quarantined-actions">
      {mayReplay ? (
        <>
          <button type="button" className="button" disabled={busy} onClick={() => void run(false)}>
            <Icon name="replay" />
            {t('replay.one')}
          </button>
          <button type="button" className="button button-quiet" disabled={busy} onClick={() => void run(true)}>
            {t('replay.tryOne')}
          </button>
        </>
      ) : null}
      <a className="button button-quiet" href={`/api/quarantine/${entry.id}`} download>
        <Icon name="download" />
        {t('quarantine.download')}
      </a>
      <output className="replay-result">
        {result === null ? null : typeof result === 'string' ? (
          <span className="tally-bad">{t('act.failed', { message: result })}</span>
        ) : (
          <TallyWords tally={result} dryRun={result.dryRun} />
        )}
      </output>
    </div>
  )
}
