import { type ReactNode, useEffect } from 'react'
import type { LatestValue } from '../../../../contract/api.ts'
import { quantityName, wordsFor } from '../format/amount.ts'
import { useText } from '../i18n/text.ts'
import { Age } from '../shell/Age.tsx'
import { connection } from '../shell/services.ts'
import { useConsole } from '../store/console.ts'

/** Follows the device over the socket while this is on the screen. */
export function useWatched(id: string) {
  useEffect(() => {
    connection.watch(id)
    return () => connection.unwatch(id)
  }, [id])
  return useConsole((s) => s.watched.get(id) ?? null)
}

/** A device's values as they come in, each with its age. */
export function LiveValues(props: {
  readonly device: { readonly id: string; readonly latest: readonly LatestValue[]; readonly useHidden: boolean }
}): ReactNode {
  const { t, language } = useText()
  const watched = useWatched(props.device.id)
  const latest = watched && watched.latest.length > 0 ? watched.latest : props.device.latest
  const hidden = props.device.useHidden ? <p className="note quiet">{t('device.useHidden')}</p> : null
  if (latest.length === 0) return hidden ?? <p className="quiet">{t('device.noValues')}</p>
  return (
    <>
      <ul className="values">
        {latest.map((value) => {
          const { figure, unit } = wordsFor(value.quantity, value.value, t)
          return (
            <li key={value.quantity} className="value">
              <span className="value-name">{quantityName(value.quantity, language)}</span>
              {/* A new key starts the short flash that says: this has just changed. */}
              <span className="value-figure" key={`${value.at}`}>
                {figure} <small>{unit}</small>
              </span>
              <span className="value-age quiet">
                <Age at={value.at} />
              </span>
            </li>
          )
        })}
      </ul>
      {hidden}
    </>
  )
}
