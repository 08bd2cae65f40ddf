import { type ChangeEvent, type ReactNode, useState } from 'react'
import { type Alarm, isActive } from '../../../../contract/alarms.ts'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import { attempt } from '../api/attempt.ts'
import { request } from '../api/request.ts'
import { useText } from '../i18n/text.ts'
import { mayAct } from '../queue/act.ts'
import { PlanEditor } from './PlanEditor.tsx'
import { PlanView } from './PlanView.tsx'

/** The floors of a home as drawn, each with its devices. */
export function HomePlans(props: {
  readonly home: HomeDetail
  /** The floor looked at; null: the one where something is, else the first. */
  readonly chosen: string | null
  readonly alarms: readonly Alarm[]
  choose(placeId: string): void
  reload(): void
}): ReactNode {
  const { t } = useText()
  const { home, chosen, alarms, choose, reload } = props
  const [editing, setEditing] = useState(false)
  const may = mayAct('place.edit')
  const burning = new Map(alarms.filter(isActive).map((alarm) => [alarm.deviceId, alarm] as const))
  const drawn = new Set(home.plans.map(({ placeId }) => placeId))
  const floors = home.places.filter(({ id, kind }) => kind === 'floor' || drawn.has(id))
  const places = floors.length > 0 ? floors : [{ id: home.id, name: home.name }]
  const burns = home.plans.find(({ pins }) => pins.some(({ deviceId }) => burning.has(deviceId)))
  const first = burns ?? home.plans[0]
  const place = places.find(({ id }) => id === (chosen ?? first?.placeId)) ?? places[0]
  if (place === undefined || (!may && drawn.size === 0)) return null
  const plan = home.plans.find(({ placeId }) => placeId === place.id)
  const send = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const file = event.target.files?.[0]
    event.target.value = ''
    if (file === undefined) return
    if (await attempt(() => request('PUT', `/api/places/${encodeURIComponent(place.id)}/plan`, file))) reload()
  }
  return (
    <section className="panel" aria-label={t('plan.title')}>
      <div className="heading">
        <h2>{t('plan.title')}</h2>
        {places.length > 1 ? (
          <fieldset className="segments segments-small" aria-label={t('plan.floor')}>
            {places.map(({ id, name }) => (
              <button
                key={id}
                type="button"
                aria-pressed={id === place.id}
                className={drawn.has(id) ? undefined : 'is-undrawn'}
                onClick={() => {
                  setEditing(false)
                  choose(id)
                }}
              >
                {name}
              </button>
            ))}
          </fieldset>
        ) : null}
        {may && !editing ? (
          <span className="push row-buttons">
            {plan === undefined ? null : (
              <button type="button" className="button" onClick={() => setEditing(true)}>
                {t('plan.edit')}
              </button>
            )}
            <label className="button file-button">
              <input
                type="file"
                className="visually-hidden"
                accept="image/png,image/jpeg,image/webp,image/svg+xml"
                onChange={(event) => void send(event)}
              />
              {t(plan === undefined ? 'plan.upload' : 'plan.replace')}
            </label>
          </span>
        ) : null}
      </div>
      {plan === undefined ? (
        <p className="empty quiet">{t('plan.none', { name: place.name })}</p>
      ) : editing ? (
        <PlanEditor
          key={`${plan.placeId} ${plan.revision}`}
          plan={plan}
          home={home}
          onDone={() => {
            setEditing(false)
            reload()
          }}
        />
      ) : (
        <PlanView plan={plan} home={home} burning={burning} />
      )}
    </section>
  )
}
