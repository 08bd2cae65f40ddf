import { type ReactNode, useState } from 'react'
import type { HomeDetail } from '../../../../contract/home-answers.ts'
import { watchTarget } from '../../../../contract/incidents.ts'
import { useText } from '../i18n/text.ts'
import { WatchModes } from '../incident/WatchModes.tsx'
import { mayAct } from '../queue/act.ts'
import { shortName } from '../queue/alarm-words.ts'
import { useTick } from '../shell/ticker.ts'
import { useConsole } from '../store/console.ts'
import { placeChain } from '../store/queue.ts'
import { nameInside } from './home-tree.ts'

/** Tests, drills and isolations at the home, one of its places or one of its devices, each with its end. */
export function HomeWatch({ home }: { readonly home: HomeDetail }): ReactNode {
  const { t } = useText()
  const all = useConsole((s) => s.watchModes)
  const places = useConsole((s) => s.places)
  const [chosen, setChosen] = useState('')
  const devices = new Map(home.items.map((item) => [item.id, item]))
  const concerned = new Set([...placeChain(home.id, places), ...home.places].map(({ id }) => id))
  const here = all.filter(
    ({ placeId, deviceId }) =>
      (placeId !== null && concerned.has(placeId)) || (deviceId !== null && devices.has(deviceId)),
  )
  const inForce = useTick((now) =>
    here
      .filter(({ until }) => until > now)
      .map(watchTarget)
      .join('\n'),
  ).split('\n')
  const target = devices.has(chosen) ? { deviceId: chosen } : { placeId: chosen === '' ? home.id : chosen }
  return (
    <WatchModes target={target} modes={here.filter((mode) => inForce.includes(watchTarget(mode)))}>
      {mayAct('watch.set') ? (
        <label className="watch-where">
          {t('watch.where')}
          <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
            <option value="">{home.name}</option>
            <optgroup label={t('tree.title')}>
              {home.places
                .filter(({ kind }) => kind !== 'bed')
                .map(({ id }) => (
                  <option key={id} value={id}>
                    {nameInside(home.places, id)}
                  </option>
                ))}
            </optgroup>
            <optgroup label={t('devices.title')}>
              {home.items.map(({ id, name }) => (
                <option key={id} value={id}>
                  {shortName(name || id, home.placePath)}
                </option>
              ))}
            </optgroup>
          </select>
        </label>
      ) : null}
    </WatchModes>
  )
}
