import { type ReactNode, useState } from 'react'
import { type Alarm, isActive } from '../../../../contract/alarms.ts'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import type { Incident } from '../../../../contract/incidents.ts'
import { PlanView } from '../homes/PlanView.tsx'
import { useText } from '../i18n/text.ts'
import { useConsole } from '../store/console.ts'
import { placeChain } from '../store/queue.ts'

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
      <PlanView plan={plan} home={home} burning={burning} />
    </section>
  )
}
