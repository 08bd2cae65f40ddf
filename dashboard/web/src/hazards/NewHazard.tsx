import { type ReactNode, useState } from 'react'
import { HAZARD_KIND_NAMES, HAZARD_KINDS, type HazardDetail, type HazardKind } from '../../../../contract/hazards.ts'
import type { Home, HomeDetail } from '../../../../contract/home-answers.ts'
import { attempt } from '../api/attempt.ts'
import { get, queryOf, request } from '../api/request.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useSettled } from '../api/use-settled.ts'
import { nameInside } from '../homes/home-tree.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { serverNow } from '../store/console.ts'
import { DayField, endOfDay, inDays } from './DayField.tsx'

/** Usual time to put something right, days; whoever opens it says otherwise. */
const DAYS_GIVEN = 7
const HOMES_OFFERED = 20

/** Opens a hazard: where, what, who puts it right, until when. */
export function NewHazard(props: {
  /** Null: the home is looked for by its name. */
  readonly home: Pick<HomeDetail, 'id' | 'name' | 'places'> | null
  onOpened(id: string): void
  onCancel(): void
}): ReactNode {
  const { t, language } = useText()
  const { onOpened, onCancel } = props
  const [words, setWords] = useState('')
  const wanted = useSettled(words.trim())
  const offered = useAnswer(props.home !== null || wanted === '' ? null : `homes ${wanted}`, (signal) =>
    get<{ readonly items: readonly Home[] }>(
      `/api/homes${queryOf({ q: wanted, sort: 'name', limit: HOMES_OFFERED })}`,
      signal,
    ),
  ).data?.items
  const named = offered?.find(({ name }) => name === words.trim()) ?? (offered?.length === 1 ? offered[0] : undefined)
  const inside = useAnswer(named === undefined ? null : `home ${named.id}`, (signal) =>
    get<HomeDetail>(`/api/homes/${encodeURIComponent(named?.id ?? '')}`, signal),
  ).data
  const home = props.home ?? named
  const places = props.home?.places ?? inside?.places ?? []
  const [placeId, setPlaceId] = useState('')
  const [kind, setKind] = useState<HazardKind>('blocked-exit')
  const [description, setDescription] = useState('')
  const [owner, setOwner] = useState('')
  const [day, setDay] = useState(() => inDays(serverNow(), DAYS_GIVEN))
  const [busy, setBusy] = useState(false)
  const open = async (): Promise<void> => {
    if (home === undefined) return
    setBusy(true)
    const opened = await attempt(() =>
      request<HazardDetail>('POST', '/api/hazards', {
        placeId: places.some(({ id }) => id === placeId) ? placeId : home.id,
        kind,
        description: description.trim(),
        owner: owner.trim(),
        dueAt: endOfDay(day),
      }),
    )
    setBusy(false)
    if (opened) onOpened(opened.done.id)
  }
  return (
    <form
      className="form form-wide"
      onSubmit={(event) => {
        event.preventDefault()
        void open()
      }}
    >
      {props.home !== null ? null : (
        <label>
          {t('hazard.home')}
          <input
            type="search"
            list="homes-offered"
            required
            value={words}
            placeholder={t('homes.search')}
            onChange={(event) => setWords(event.target.value)}
          />
          <datalist id="homes-offered">
            {offered?.map(({ id, name }) => (
              <option key={id} value={name} />
            ))}
          </datalist>
          {words.trim() !== '' && home === undefined ? <small className="warn">{t('hazard.whichHome')}</small> : null}
        </label>
      )}
      <label>
        {t('hazard.where')}
        <select value={placeId} onChange={(event) => setPlaceId(event.target.value)}>
          <option value="">{home?.name ?? '–'}</option>
          {places
            .filter((place) => place.kind !== 'bed')
            .map((place) => (
              <option key={place.id} value={place.id}>
                {nameInside(places, place.id)}
              </option>
            ))}
        </select>
      </label>
      <label>
        {t('hazard.what')}
        <select
          value={kind}
          onChange={(event) => setKind(HAZARD_KIND_NAMES.find((one) => one === event.target.value) ?? 'other')}
        >
          {HAZARD_KIND_NAMES.map((one) => (
            <option key={one} value={one}>
              {inLanguage(HAZARD_KINDS[one], language)}
            </option>
          ))}
        </select>
      </label>
      <label className="form-long">
        {t('hazard.description')}
        <textarea
          required
          rows={2}
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
      </label>
      <label>
        {t('hazard.owner')}
        <input type="text" required maxLength={100} value={owner} onChange={(event) => setOwner(event.target.value)} />
      </label>
      <DayField label={t('hazard.dueUntil')} day={day} onChange={setDay} />
      <div className="form-buttons form-long">
        <button type="submit" className="button button-primary" disabled={busy || home === undefined}>
          {t('hazards.openNow')}
        </button>
        <button type="button" className="button button-quiet" onClick={onCancel}>
          {t('act.cancel')}
        </button>
        <span className="quiet">{t('hazard.photosLater')}</span>
      </div>
    </form>
  )
}
