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
import type { Device } from '../../../../contract/api.ts'
import type { Home } from '../../../../contract/home-answers.ts'
import type { Resident } from '../../../../contract/residents.ts'
import { attempt } from '../api/attempt.ts'
import { get, queryOf, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { useConsole } from '../store/console.ts'
import { type Pick as Picked, PickOne } from './PickOne.tsx'

const OFFERED = 12
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
  const [meter, setMeter] = useState<Picked | null>(
    person === null ? null : { id: person.deviceId, title: person.deviceId, note: '' },
  )
  const [dwelling, setDwelling] = useState<Picked | null>(
    person === null
      ? null
      : {
          id: person.placeId,
          title: person.placePath.at(-1) ?? person.placeId,
          note: person.placePath.slice(0, -1).join(' › '),
        },
  )
  const [residentId, setResidentId] = useState(person?.residentId ?? '')
  const [rule, setRule] = useState(person?.rule ?? CITY_RULE)
  const [contacts, setContacts] = useState<readonly AloneContact[]>(person?.contacts ?? [NOBODY])
  const [busy, setBusy] = useState(false)
  const change = (i: number, what: Partial<AloneContact>): void =>
    setContacts(contacts.map((one, k) => (k === i ? { ...one, ...what } : one)))
  const save = async (): Promise<void> => {
    if (meter === null || dwelling === null) return
    setBusy(true)
    const body: AloneBody = {
      placeId: dwelling.id,
      residentId: residentId === '' ? null : residentId,
      rule,
      contacts: contacts.filter(({ name }) => name.trim() !== ''),
    }
    const saved = await attempt(() => request<AloneDetail>('PUT', `/api/alone/${encodeURIComponent(meter.id)}`, body))
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
      {person === null ? (
        <PickOne
          label={t('alone.meter')}
          placeholder={t('alone.meterSearch')}
          picked={meter}
          find={findMeters}
          of="meters"
          onPick={setMeter}
        />
      ) : (
        <label>
          {t('alone.meter')}
          <input disabled value={person.deviceId} />
        </label>
      )}
      <PickOne
        label={t('alone.dwelling')}
        placeholder={t('alone.dwellingSearch')}
        picked={dwelling}
        find={findDwellings}
        of="dwellings"
        onPick={(one) => {
          if (one?.id !== dwelling?.id) setResidentId('')
          setDwelling(one)
        }}
      />
      {mayName ? (
        <ResidentField
          placeId={dwelling?.id ?? null}
          residentId={residentId}
          name={person?.name ?? null}
          onChange={setResidentId}
        />
      ) : null}
      <fieldset className="form-long">
        <legend>{t('alone.rule')}</legend>
        <div className="rule-line">
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
        </div>
        <p className="quiet">{t('alone.rule.hint')}</p>
      </fieldset>
      <fieldset className="form-long">
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
      <div className="form-buttons">
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

const meterOf = ({ id, name, placePath }: Pick<Device, 'id' | 'name' | 'placePath'>): Picked => ({
  id,
  title: name || id,
  note: [...(name ? [id] : []), placePath.join(' › ')].join(' · '),
})

const findMeters = async (words: string, signal: AbortSignal): Promise<readonly Picked[]> =>
  (
    await get<{ readonly items: readonly Device[] }>(
      `/api/devices${queryOf({ kind: 'water-meter', q: words, limit: OFFERED })}`,
      signal,
    )
  ).items.map(meterOf)

const findDwellings = async (words: string, signal: AbortSignal): Promise<readonly Picked[]> =>
  (
    await get<{ readonly items: readonly Home[] }>(
      `/api/homes${queryOf({ kind: 'dwelling', sort: 'name', q: words, limit: OFFERED })}`,
      signal,
    )
  ).items.map(({ id, name, placePath }) => ({ id, title: name, note: placePath.slice(0, -1).join(' › ') }))

/** Who lives there, for who may be told at any time: asked for by a click, because each asking is written down. */
function ResidentField(props: {
  readonly placeId: string | null
  readonly residentId: string
  /** The name of who is entered, as far as it is told. */
  readonly name: string | null
  onChange(residentId: string): void
}): ReactNode {
  const { t } = useText()
  const { placeId, residentId, name, onChange } = props
  const [askedFor, setAskedFor] = useState<string | null>(null)
  const asked = placeId !== null && askedFor === placeId
  const { data, loading } = useAnswer(asked ? `residents ${placeId}` : null, (signal) =>
    get<{ readonly items: readonly Resident[] }>(`/api/places/${encodeURIComponent(placeId ?? '')}/residents`, signal),
  )
  const known = data?.items ?? []
  return (
    <div className="resident-field">
      <label>
        {t('alone.resident')}
        <select value={residentId} onChange={(event) => onChange(event.target.value)}>
          <option value="">{t('alone.residentNone')}</option>
          {residentId === '' || known.some(({ id }) => id === residentId) ? null : (
            <option value={residentId}>{name ?? residentId}</option>
          )}
          {known.map((one) => (
            <option key={one.id} value={one.id}>
              {one.room === '' ? one.name : `${one.name} · ${one.room}`}
            </option>
          ))}
        </select>
      </label>
      {placeId === null ? (
        <small className="quiet">{t('alone.residentLater')}</small>
      ) : asked ? (
        !loading && known.length === 0 ? (
          <small className="quiet">{t('alone.residentNobody')}</small>
        ) : null
      ) : (
        <button type="button" className="link-button" onClick={() => setAskedFor(placeId)}>
          {t('alone.residentShow')}
        </button>
      )}
    </div>
  )
}
