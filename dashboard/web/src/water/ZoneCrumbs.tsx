import type { ReactNode } from 'react'
import type { ZoneDetail } from '../../../../contract/water-api.ts'
import { useText } from '../i18n/text.ts'
import { Link } from '../shell/Link.tsx'
import { useConsole } from '../store/console.ts'

/** The way down from the city: county, township, village, each a zone of its own. */
export function ZoneCrumbs({ zone }: { readonly zone: Pick<ZoneDetail, 'id' | 'path'> }): ReactNode {
  const { t } = useText()
  const places = useConsole((s) => s.places)
  const above: { readonly id: string; readonly name: string }[] = []
  for (let at = places.get(places.get(zone.id)?.parentId ?? ''); at !== undefined; at = places.get(at.parentId ?? ''))
    above.unshift(at)
  return (
    <nav className="crumbs zone-crumbs quiet" aria-label={t('zone.where')}>
      <Link to={{ page: 'water' }}>{t('water.title')}</Link>
      {above.length === 0
        ? zone.path.map((name) => <span key={name}>{name}</span>)
        : above.map(({ id, name }) => (
            <span key={id}>
              <Link to={{ page: 'zone', id }}>{name}</Link>
            </span>
          ))}
    </nav>
  )
}
