import type { ReactNode } from 'react'
import { useText } from '../i18n/text.ts'
import { useConsole } from '../store/console.ts'

/** Narrows a list to one county; empty: the whole city. */
export function CountyChoice(props: { readonly value: string; onChange(placeId: string): void }): ReactNode {
  const { t } = useText()
  const places = useConsole((s) => s.places)
  return (
    <label>
      {t('homes.county')}
      <select value={props.value} onChange={(event) => props.onChange(event.target.value)}>
        <option value="">{t('devices.any')}</option>
        {[...places.values()]
          .filter(({ kind }) => kind === 'county')
          .map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
      </select>
    </label>
  )
}
