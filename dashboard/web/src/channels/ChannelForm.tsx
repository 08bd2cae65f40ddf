import { type ReactNode, useId, useState } from 'react'
import type { Channel } from '../../../../contract/channel-settings.ts'
import {
  CHANNEL_KIND_NAMES,
  CHANNEL_KINDS,
  type ChannelKind,
  type ChannelRule,
  DEFAULT_RULES,
} from '../../../../contract/channels.ts'
import { attempt } from '../api/attempt.ts'
import { request } from '../api/request.ts'
import { hasText, inLanguage, useText } from '../i18n/text.ts'
import { CHANNEL_FIELDS, entriesOf, type Field, faultyFields, saidBy } from './channel-fields.ts'
import { RulesEditor } from './RulesEditor.tsx'

/** What a template may hold, shown as it is written there. */
const PLACEHOLDERS = {
  phone: '{{phone}}',
  text: '{{text}}',
  secret: '{{secret.apiKey}}',
  incident: '{{incident}}',
}

/** What the server says of a channel that was added: a webhook's signing secret, this once. */
export interface Saved {
  readonly name: string
  readonly signingSecret?: string
}

/** A new channel, or another setting of one that is there. */
export function ChannelForm(props: {
  /** Null: a new one. */
  readonly channel: Channel | null
  onSaved(saved: Saved): void
  onCancel(): void
}): ReactNode {
  const { t, language } = useText()
  const { channel, onSaved, onCancel } = props
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? 'wecom')
  const [name, setName] = useState(channel?.name ?? '')
  const [entries, setEntries] = useState(() => entriesOf(kind, channel?.settings ?? null))
  const [rules, setRules] = useState<readonly ChannelRule[]>(channel?.rules ?? DEFAULT_RULES)
  const [faults, setFaults] = useState<readonly string[]>([])
  const [busy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    const said = saidBy(kind, entries)
    const faulty = faultyFields(kind, said, channel?.secrets ?? [])
    setFaults(faulty)
    if (faulty.length > 0) return
    setBusy(true)
    const given = Object.fromEntries(Object.entries(said.settings).filter(([, value]) => value !== null))
    const answer = await attempt(() =>
      channel === null
        ? request<Saved>('POST', '/api/channels', { kind, name, settings: given, secrets: said.secrets, rules })
        : request<Saved>('PATCH', `/api/channels/${encodeURIComponent(channel.id)}`, { name, ...said, rules }),
    )
    setBusy(false)
    if (answer) onSaved(answer.done)
  }
  return (
    <form
      className="form form-wide"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      {channel === null ? (
        <label>
          {t('channels.kind')}
          <select
            value={kind}
            onChange={(event) => {
              const chosen = CHANNEL_KIND_NAMES.find((one) => one === event.target.value) ?? kind
              setKind(chosen)
              setEntries(entriesOf(chosen, null))
              setFaults([])
            }}
          >
            {CHANNEL_KIND_NAMES.map((one) => (
              <option key={one} value={one}>
                {inLanguage(CHANNEL_KINDS[one], language)}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      <label>
        {t('channels.name')}
        <input
          type="text"
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder={t('channels.nameHint')}
        />
      </label>
      {CHANNEL_FIELDS[kind].map((field) => (
        <ChannelField
          key={`${kind} ${field.name}`}
          field={field}
          words={entries[field.name] ?? ''}
          isFaulty={faults.includes(field.name)}
          isSet={channel?.secrets.includes(field.name) ?? false}
          change={(words) => setEntries((before) => ({ ...before, [field.name]: words }))}
        />
      ))}
      <div className="form-long">
        <RulesEditor rules={rules} change={setRules} />
      </div>
      {faults.length === 0 ? null : (
        <p className="warn form-long" role="alert">
          {t('channels.faulty', {
            names: faults.map((one) => fieldName(one, t)).join(language === 'zh' ? '、' : ', '),
          })}
        </p>
      )}
      <div className="form-buttons form-long">
        <button type="submit" className="button button-primary" disabled={busy || name.trim() === ''}>
          {t('password.save')}
        </button>
        <button type="button" className="button button-quiet" onClick={onCancel}>
          {t('act.cancel')}
        </button>
      </div>
    </form>
  )
}

const fieldName = (name: string, t: ReturnType<typeof useText>['t']): string => {
  const key = `field.${name}`
  return hasText(key) ? t(key) : name
}

function ChannelField(props: {
  readonly field: Field
  readonly words: string
  readonly isFaulty: boolean
  /** A secret that is there, and is not shown. */
  readonly isSet: boolean
  change(words: string): void
}): ReactNode {
  const { t } = useText()
  const { field, words, isFaulty, isSet, change } = props
  const id = useId()
  const key = `fieldHint.${field.name}`
  const hint = hasText(key) ? t(key, PLACEHOLDERS) : null
  if (field.type === 'flag')
    return (
      <label className="form-flag">
        <input type="checkbox" checked={words === 'true'} onChange={(event) => change(String(event.target.checked))} />
        <span>
          {fieldName(field.name, t)} {hint === null ? null : <small>{hint}</small>}
        </span>
      </label>
    )
  const common = { value: words, required: field.required === true, 'aria-invalid': isFaulty, id }
  const choiceName = (choice: string): string => {
    const named = `field.${field.name}.${choice}`
    return hasText(named) ? t(named) : choice
  }
  return (
    <div className={isFaulty ? 'form-field is-faulty' : 'form-field'}>
      <label htmlFor={id}>{fieldName(field.name, t)}</label>
      {field.type === 'choice' ? (
        <select {...common} onChange={(event) => change(event.target.value)}>
          {field.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choiceName(choice)}
            </option>
          ))}
        </select>
      ) : field.type === 'long' || field.type === 'headers' ? (
        <textarea {...common} rows={2} spellCheck={false} onChange={(event) => change(event.target.value)} />
      ) : (
        <input
          {...common}
          type={field.type === 'secret' ? 'password' : field.type === 'number' ? 'number' : 'text'}
          autoComplete={field.type === 'secret' ? 'new-password' : 'off'}
          placeholder={field.type === 'secret' && isSet ? t('channels.secretSet') : undefined}
          spellCheck={false}
          onChange={(event) => change(event.target.value)}
        />
      )}
      {hint === null ? null : <small className="quiet">{hint}</small>}
    </div>
  )
}
