import { type ReactNode, useState } from 'react'
import type { Channel } from '../../../../contract/channel-settings.ts'
import { CHANNEL_KINDS, type Message } from '../../../../contract/channels.ts'
import { attempt } from '../api/attempt.ts'
import { refusalWords } from '../api/refusal-words.ts'
import { get, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { lastEvent, useReload } from '../api/use-reload.ts'
import { formatCount } from '../format/amount.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { view } from '../store/view.ts'
import { ChannelForm } from './ChannelForm.tsx'
import { DeadLetters } from './DeadLetters.tsx'
import { RuleWords } from './RuleWords.tsx'

const GATHER_MS = 2000

const pathOf = ({ id }: Pick<Channel, 'id'>): string => `/api/channels/${encodeURIComponent(id)}`

/** Who is told of incidents, by what, and what did not arrive. For administrators. */
export function ChannelsPage(): ReactNode {
  const { t } = useText()
  const { data, failure, reload } = useAnswer('channels', (signal) =>
    get<{ readonly items: readonly Channel[] }>('/api/channels', signal),
  )
  useReload(lastEvent, GATHER_MS, reload)
  const [adding, setAdding] = useState(false)
  const [signing, setSigning] = useState<{ readonly name: string; readonly secret: string } | null>(null)
  const channels = data?.items ?? []
  const dead = channels.reduce((sum, channel) => sum + channel.deadLetters, 0)
  return (
    <div className="page channels-page">
      <header className="page-head">
        <h1>{t('channels.title')}</h1>
        {adding || failure ? null : (
          <button type="button" className="button button-primary" onClick={() => setAdding(true)}>
            <Icon name="plus" />
            {t('channels.add')}
          </button>
        )}
      </header>
      <p className="lead">{t('channels.lead')}</p>
      {failure ? <p role="alert">{refusalWords(failure.code, failure.message)}</p> : null}
      {signing === null ? null : (
        <section className="panel panel-wide fresh-link" role="status">
          <h2>{t('channels.signing', { name: signing.name })}</h2>
          <p>{t('channels.signingHint')}</p>
          <code className="bytes">{signing.secret}</code>
          <p className="form-buttons">
            <button type="button" className="button button-quiet" onClick={() => setSigning(null)}>
              {t('act.dismiss')}
            </button>
          </p>
        </section>
      )}
      {adding ? (
        <section className="panel panel-wide" aria-label={t('channels.add')}>
          <h2>{t('channels.add')}</h2>
          <ChannelForm
            channel={null}
            onCancel={() => setAdding(false)}
            onSaved={({ name, signingSecret }) => {
              setAdding(false)
              if (signingSecret !== undefined) setSigning({ name, secret: signingSecret })
              reload()
            }}
          />
        </section>
      ) : null}
      {data !== undefined && channels.length === 0 && !adding ? (
        <div className="empty">
          <p>{t('channels.none')}</p>
          <p className="quiet">{t('channels.noneHint')}</p>
        </div>
      ) : null}
      {channels.map((channel) => (
        <ChannelPanel key={channel.id} channel={channel} reload={reload} />
      ))}
      {data === undefined ? null : <DeadLetters news={dead} reload={reload} />}
    </div>
  )
}

function ChannelPanel(props: { readonly channel: Channel; reload(): void }): ReactNode {
  const { t, language } = useText()
  const { channel, reload } = props
  const [editing, setEditing] = useState(false)
  const [removing, setRemoving] = useState(false)
  const change = async (work: () => Promise<unknown>): Promise<void> => {
    await attempt(work)
    reload()
  }
  return (
    <section className={`panel panel-wide channel${channel.disabled ? ' is-disabled' : ''}`} aria-label={channel.name}>
      <div className="heading">
        <h2>{channel.name}</h2>
        <span className="tag">{inLanguage(CHANNEL_KINDS[channel.kind], language)}</span>
        {channel.disabled ? <span className="tag tag-test">{t('users.disabled')}</span> : null}
        {channel.waiting === 0 ? null : (
          <span className="quiet">{t('channels.waiting', { n: formatCount(channel.waiting) })}</span>
        )}
        {channel.deadLetters === 0 ? null : (
          <span className="warn">{t('channels.dead', { n: formatCount(channel.deadLetters) })}</span>
        )}
      </div>
      {channel.disabledWhy === null ? null : (
        <p className="warn">
          {t('channels.disabledWhy')} {channel.disabledWhy}
        </p>
      )}
      {editing ? (
        <ChannelForm
          channel={channel}
          onCancel={() => setEditing(false)}
          onSaved={() => {
            setEditing(false)
            view.say(t('channels.saved'))
            reload()
          }}
        />
      ) : (
        <>
          <ul className="channel-rules">
            {channel.rules.map((rule) => (
              <li key={JSON.stringify(rule)}>
                <RuleWords rule={rule} />
              </li>
            ))}
            {channel.rules.length === 0 ? <li className="warn">{t('rules.none')}</li> : null}
          </ul>
          <div className="row-buttons">
            <TestButton channel={channel} onTested={reload} />
            <button type="button" className="button" onClick={() => setEditing(true)}>
              {t('channels.change')}
            </button>
            <button
              type="button"
              className="button"
              onClick={() => void change(() => request('PATCH', pathOf(channel), { disabled: !channel.disabled }))}
            >
              {t(channel.disabled ? 'users.enable' : 'users.disable')}
            </button>
            {removing ? (
              <>
                <button
                  type="button"
                  className="button button-fire"
                  onClick={() => void change(() => request('DELETE', pathOf(channel)))}
                >
                  {t('users.removeSure', { name: channel.name })}
                </button>
                <button type="button" className="button button-quiet" onClick={() => setRemoving(false)}>
                  {t('act.cancel')}
                </button>
              </>
            ) : (
              <button type="button" className="button button-quiet" onClick={() => setRemoving(true)}>
                {t('users.remove')}
              </button>
            )}
          </div>
        </>
      )}
    </section>
  )
}

/** Sends a test and says what came of it. */
function TestButton(props: { readonly channel: Channel; onTested(): void }): ReactNode {
  const { t } = useText()
  const { channel, onTested } = props
  const [outcome, setOutcome] = useState<'running' | Message | null>(null)
  const test = async (): Promise<void> => {
    setOutcome('running')
    const answer = await attempt(() => request<Message>('POST', `${pathOf(channel)}/test`, {}))
    setOutcome(answer?.done ?? null)
    onTested()
  }
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={outcome === 'running' || channel.disabled}
        onClick={() => void test()}
      >
        <Icon name="broadcast" />
        {t(outcome === 'running' ? 'channels.testing' : 'channels.test')}
      </button>
      <span className="test-outcome" role="status">
        {outcome === null || outcome === 'running' ? null : outcome.state === 'sent' ? (
          <span className="good">
            <Icon name="check" size={16} /> {t('channels.tested')}
          </span>
        ) : (
          <span className="warn">
            {t('channels.notTested')} {outcome.lastError ?? t('channels.noAnswer')}
          </span>
        )}
      </span>
    </>
  )
}
