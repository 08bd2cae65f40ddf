import { type ReactNode, useState } from 'react'
import { type Alarm, isActive } from '../../../../contract/alarms.ts'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import type { FloorPlan } from '../../../../contract/homes.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import { useText } from '../i18n/text.ts'
import { shortName } from '../queue/alarm-words.ts'
import { useConsole } from '../store/console.ts'
import { placeChain } from '../store/queue.ts'
import { view } from '../store/view.ts'

/** The floor where it burns, with every detector and how it stands. */
export function FloorPlans(props: {
  readonly home: HomeDetail
  readonly incident: Incident
  readonly alarms: readonly Alarm[]
}): ReactNode {
  const { t } = useText()
  const { home, incident, alarms } = props
  const places = useConsole((s) => s.places)
  const live = useConsole((s) => s.alarms)
  const [chosen, setChosen] = useState<string | null>(null)
  if (home.plans.length === 0) return null
  const where = placeChain(incident.placeId, places).map(({ id }) => id)
  const plan =
    home.plans.find(({ placeId }) => placeId === chosen) ??
    where.map((id) => home.plans.find(({ placeId }) => placeId === id)).find((one) => one !== undefined) ??
    home.plans[0]
  if (plan === undefined) return null
  const burning = new Map(
    alarms
      .map((alarm) => live.get(alarm.id) ?? alarm)
      .filter(isActive)
      .map((alarm) => [alarm.deviceId, alarm] as const),
  )
  return (
    <section className="panel" aria-label={t('plan.title')}>
      <h2>
        {t('plan.title')}
        {home.plans.length > 1 ? (
          <span className="segments segments-small push">
            {home.plans.map(({ placeId }) => (
              <button
                key={placeId}
                type="button"
                aria-pressed={placeId === plan.placeId}
                onClick={() => setChosen(placeId)}
              >
                {places.get(placeId)?.name ?? placeId}
              </button>
            ))}
          </span>
        ) : (
          <span className="panel-count">{places.get(plan.placeId)?.name}</span>
        )}
      </h2>
      <Plan plan={plan} home={home} burning={burning} />
    </section>
  )
}

function Plan(props: {
  readonly plan: FloorPlan
  readonly home: HomeDetail
  readonly burning: ReadonlyMap<string | null, Alarm>
}): ReactNode {
  const { t } = useText()
  const { plan, home, burning } = props
  const items = new Map(home.items.map((item) => [item.id, item]))
  return (
    <div className="plan" style={{ aspectRatio: `${plan.width} / ${plan.height}` }}>
      <img src={planImage(plan)} alt={t('plan.title')} width={plan.width} height={plan.height} />
      {plan.pins.map((pin) => {
        const alarm = burning.get(pin.deviceId)
        const item = items.get(pin.deviceId)
        const name = shortName(item?.name ?? pin.deviceId, home.placePath)
        const look = alarm === undefined ? (item?.status ?? 'ok') : 'burning'
        const at = { left: `${pin.x * 100}%`, top: `${pin.y * 100}%` }
        const words = `${name}: ${alarm === undefined ? t(`status.${item?.status ?? 'never'}`) : t('plan.alarm')}`
        return alarm === undefined ? (
          <span
            key={pin.deviceId}
            className={`pin pin-${look}`}
            style={at}
            title={words}
            role="img"
            aria-label={words}
          />
        ) : (
          <button
            key={pin.deviceId}
            type="button"
            className="pin pin-burning"
            style={at}
            title={words}
            aria-label={words}
            onClick={() => view.openAlarm(alarm.id)}
          >
            !
          </button>
        )
      })}
    </div>
  )
}

/** A new image has another address. */
const planImage = ({ placeId, revision }: FloorPlan): string =>
  `/api/places/${encodeURIComponent(placeId)}/plan?revision=${revision}`
