import { type ReactNode, useState } from 'react'
import type { Alarm } from '../../../../contract/alarms.ts'
import { DEVICE_STATUSES } from '../../../../contract/api.ts'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import type { FloorPlan } from '../../../../contract/homes.ts'
import { KINDS } from '../../../../contract/kinds.ts'
import { DeviceStatusShape } from '../device/DeviceStatusMark.tsx'
import { formatAge } from '../format/age.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { shortName } from '../queue/alarm-words.ts'
import { Link } from '../shell/Link.tsx'
import { pathOf } from '../shell/route.ts'
import { serverNow } from '../store/console.ts'
import { view } from '../store/view.ts'
import { pathTo } from './home-tree.ts'

type Item = HomeDetail['items'][number]

/** A new image has another address. */
export const planImage = ({ placeId, revision }: FloorPlan): string =>
  `/api/places/${encodeURIComponent(placeId)}/plan?revision=${revision}`

/**
 * A floor with its devices, each by shape, colour and word. What burns opens its alarm, everything else its device.
 * @param burning active alarms by the device that raised them
 */
export function PlanView(props: {
  readonly plan: FloorPlan
  readonly home: HomeDetail
  readonly burning: ReadonlyMap<string | null, Alarm>
}): ReactNode {
  const { t } = useText()
  const { plan, home, burning } = props
  const [named, setNamed] = useState(false)
  const items = new Map(home.items.map((item) => [item.id, item]))
  const path = pathTo(home, plan.placeId)
  const shown = plan.pins.flatMap(({ deviceId }) => items.get(deviceId) ?? [])
  return (
    <>
      <div className={`plan${named ? ' plan-named' : ''}`} style={{ aspectRatio: `${plan.width} / ${plan.height}` }}>
        <img src={planImage(plan)} alt={t('plan.title')} width={plan.width} height={plan.height} />
        {plan.pins.map((pin) => {
          const item = items.get(pin.deviceId)
          return item === undefined ? null : (
            <PlanPin
              key={pin.deviceId}
              item={item}
              name={shortName(item.name || item.id, path)}
              at={{ left: `${pin.x * 100}%`, top: `${pin.y * 100}%` }}
              alarm={burning.get(pin.deviceId)}
            />
          )
        })}
      </div>
      <p className="plan-legend">
        {DEVICE_STATUSES.map((status) => {
          const n = shown.filter((item) => item.status === status).length
          return n === 0 ? null : (
            <span key={status} className={`status status-${status}`}>
              <DeviceStatusShape status={status} /> {t(`status.${status}`)} {n}
            </span>
          )
        })}
        {shown.length === 0 ? (
          <span className="quiet">{t('plan.noPins')}</span>
        ) : (
          <label className="push">
            <input type="checkbox" checked={named} onChange={(event) => setNamed(event.target.checked)} />
            {t('plan.names')}
          </label>
        )}
      </p>
    </>
  )
}

function PlanPin(props: {
  readonly item: Item
  readonly name: string
  readonly at: { readonly left: string; readonly top: string }
  readonly alarm: Alarm | undefined
}): ReactNode {
  const { t, language } = useText()
  const { item, name, at, alarm } = props
  const status = alarm === undefined ? item.status : 'critical'
  const words = [
    `${name} (${inLanguage(KINDS[item.kind], language)})`,
    alarm === undefined ? t(`status.${item.status}`) : t('plan.alarm'),
    item.lastHeardAt === null ? null : `${t('device.lastHeard')} ${formatAge(serverNow() - item.lastHeardAt, t)}`,
  ]
    .filter((one) => one !== null)
    .join(' · ')
  const look = (
    <>
      <DeviceStatusShape status={status} size={alarm === undefined ? 18 : 28} />
      <span className="plan-pin-name">{name}</span>
    </>
  )
  const className = `plan-pin status-${status}${alarm === undefined ? '' : ' is-burning'}`
  return (
    <span className="plan-spot" style={at}>
      {alarm === undefined ? (
        <Link to={{ page: 'device', id: item.id }} className={className} label={words}>
          {look}
        </Link>
      ) : (
        <a
          href={pathOf({ page: 'device', id: item.id })}
          className={className}
          aria-label={words}
          title={words}
          onClick={(event) => {
            event.preventDefault()
            view.openAlarm(alarm.id)
          }}
        >
          {look}
        </a>
      )}
    </span>
  )
}
