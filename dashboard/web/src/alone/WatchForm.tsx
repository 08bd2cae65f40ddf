import { type ReactNode, useState } from 'react'
import {
  ALONE_RULE,
  type AloneBody,
  type AloneContact,
  type AloneDetail,
  CITY_RULE,
  MOST_CONTACTS,
  RULE_NAMES,
  STAGE_NAMES,
  STAGES,
} from '../../../../contract/alone.ts'
import type { Home } from '../../../../contract/home-answers.ts'
import { attempt } from '../api/attempt.ts'
import { get, queryOf, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useSettled } from '../api/use-settled.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { useConsole } from '../store/console.ts'

const OFFERED = 20
const NOBODY: AloneContact = { stage: 'family', name: '', phone: '', minutes: STAGES.family.minutes }

/** Watches somebody, or says something new of them. */
export function WatchForm(props: {
  /** Null: somebody new. */
  readonly person: AloneDetail | null
  onSaved(deviceId: string): void
  onCancel(): void
}): ReactNode {
  const { t, language } = useText()
  const { person, onSaved, onCancel } = props
  const role = useConsole((s) => s.session?.role)
  const mayName = role === 'care' || role === 'admin'
  const [meter, setMeter] = useState(person?.deviceId ?? '')
  const [placeId, setPlaceId] = useState(person?.placeId ?? '')
  const [residentId, setResidentId] = useState(person?.residentId ?? '')
  const [rule, setRule] = useState(person?.rule ?? CITY_RULE)
  const [contacts, setContacts] = useState<readonly AloneContact[]>(person?.contacts ?? [NOBODY])
  const [busy, setBusy] = useState(false)
  const meters = useOffered('/api/devices', { kind: 'water-meter' }, person === null ? meter : '')
  const dwellings = useOffered('/api/homes', { kind: 'dwelling', sort: 'name' }, placeId)
  const change = (i: number, what: Partial<AloneContact>): void =>
    setContacts(contacts.map((one, k) => (k === i ? { ...one, ...what } : one)))
  const save = async (): Promise<void> => {
    setBusy(true)
    const body: AloneBody = {
      placeId: placeId.trim(),
      residentId: residentId.trim() === '' ? null : residentId.trim(),
      rule,
      contacts: contacts.filter(({ name }) => name.trim() !== ''),
    }
    const saved = await attempt(() =>
      request<AloneDetail>('PUT', `/api/alone/${encodeURIComponent(meter.trim())}`, body),
    )
    setBusy(false)
    if (saved) onSaved(saved.done.deviceId)
  }
  return (
    <form
      className="form form-wide alone-form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <label>
        {t('alone.meter')}
        <input
          required
          list="meters-offered"
          disabled={person !== null}
          value={meter}
          onChange={(event) => setMeter(event.target.value)}
        />
        <Offered id="meters-offered" items={meters} />
      </label>
      <label>
        {t('alone.dwelling')}
        <input required list="dwellings-offered" value={placeId} onChange={(event) => setPlaceId(event.target.value)} />
        <Offered id="dwellings-offered" items={dwellings} />
      </label>
      {mayName ? (
        <label>
          {t('alone.resident')}
          <input value={residentId} onChange={(event) => setResidentId(event.target.value)} />
        </label>
      ) : null}
      <fieldset>
        <legend>{t('alone.rule')}</legend>
        {RULE_NAMES.map((name) => (
          <label key={name}>
            {t(`alone.rule.${name}`)}
            <input
              type="number"
              required
              min={ALONE_RULE[name].min}
              max={ALONE_RULE[name].max}
              value={rule[name]}
              onChange={(event) => setRule({ ...rule, [name]: event.target.valueAsNumber || 0 })}
            />
          </label>
        ))}
        <p className="quiet">{t('alone.rule.hint')}</p>
      </fieldset>
      <fieldset>
        <legend>{t('alone.contacts')}</legend>
        {contacts.map((contact, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a form, in their order
          <div key={i} className="contact-line">
            <label>
              {t('alone.contact.stage')}
              <select
                value={contact.stage}
                onChange={(event) => {
                  const stage = STAGE_NAMES.find((one) => one === event.target.value) ?? 'family'
                  change(i, { stage, minutes: STAGES[stage].minutes })
                }}
              >
                {STAGE_NAMES.map((stage) => (
                  <option key={stage} value={stage}>
                    {inLanguage(STAGES[stage], language)}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {t('alone.contact.name')}
              <input
                value={contact.name}
                maxLength={100}
                onChange={(event) => change(i, { name: event.target.value })}
              />
            </label>
            <label>
              {t('alone.contact.phone')}
              <input
                value={contact.phone}
                maxLength={50}
                inputMode="tel"
                onChange={(event) => change(i, { phone: event.target.value })}
              />
            </label>
            <label>
              {t('alone.contact.minutes')}
              <input
                type="number"
                min={1}
                max={240}
                value={contact.minutes}
                onChange={(event) => change(i, { minutes: event.target.valueAsNumber || 1 })}
              />
            </label>
            <button
              type="button"
              className="button button-quiet"
              onClick={() => setContacts(contacts.filter((_, k) => k !== i))}
            >
              {t('alone.contact.remove')}
            </button>
          </div>
        ))}
        {contacts.length >= MOST_CONTACTS ? null : (
          <button type="button" className="button" onClick={() => setContacts([...contacts, NOBODY])}>
            {t('alone.contact.add')}
          </button>
        )}
      </fieldset>
      <div className="form-actions">
        <button type="submit" className="button button-primary" disabled={busy}>
          {t('alone.save')}
        </button>
        <button type="button" className="button button-quiet" onClick={onCancel}>
          {t('act.cancel')}
        </button>
      </div>
    </form>
  )
}

type Named = Pick<Home, 'id' | 'name'>

/** What fits what is being typed. */
function useOffered(path: string, query: Readonly<Record<string, string>>, words: string): readonly Named[] {
  const wanted = useSettled(words.trim())
  const { data } = useAnswer(wanted === '' ? null : `${path} ${wanted}`, (signal) =>
    get<{ readonly items: readonly Named[] }>(`${path}${queryOf({ ...query, q: wanted, limit: OFFERED })}`, signal),
  )
  return data?.items ?? []
}

function Offered(props: { readonly id: string; readonly items: readonly Named[] }): ReactNode {
  return (
    <datalist id={props.id}>
      {props.items.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </datalist>
  )
}
