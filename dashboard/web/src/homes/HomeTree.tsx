import type { ReactNode } from 'react'
import type { HomeDetail, HomePlace } from '../../../../contract/home-answers.ts'
import { DeviceStatusMark } from '../device/DeviceStatusMark.tsx'
import { useText } from '../i18n/text.ts'
import { shortName } from '../queue/alarm-words.ts'
import { Link } from '../shell/Link.tsx'
import { type Branch, treeOf, troubleIn } from './home-tree.ts'

/** Buildings, floors, rooms and beds; how many live there, never who. */
export function HomeTree({ home }: { readonly home: HomeDetail }): ReactNode {
  const { t } = useText()
  if (home.places.length === 0) return null
  const items = Map.groupBy(home.items, ({ placeId }) => placeId)
  const branches = treeOf(home.id, home.places)
  const beds = branches.filter(({ place }) => place.kind === 'bed')
  return (
    <section className="panel" aria-label={t('tree.title')}>
      <h2>{t('tree.title')}</h2>
      <Devices items={items.get(home.id)} path={home.placePath} />
      {beds.length === 0 ? null : <Beds beds={beds} />}
      <ul className="tree">
        {branches.filter(isNoBed).map((branch) => (
          <Part key={branch.place.id} branch={branch} path={home.placePath} items={items} />
        ))}
      </ul>
    </section>
  )
}

const isNoBed = ({ place }: Branch): boolean => place.kind !== 'bed'
type Items = ReadonlyMap<string, HomeDetail['items']>

function Part(props: {
  readonly branch: Branch
  /** Names above it: what lies in it is named without them. */
  readonly path: readonly string[]
  readonly items: Items
}): ReactNode {
  const { items } = props
  const { place, branches } = props.branch
  const path = [...props.path, place.name]
  const inner = branches.filter(isNoBed)
  const beds = branches.filter((branch) => !isNoBed(branch))
  // Rooms open where something is wrong in them: that is what somebody looks for.
  return (
    <li>
      <details open={place.kind === 'building' || troubleIn(place) > 0}>
        <summary>
          <strong>{place.name}</strong> <Figures place={place} />
        </summary>
        <Devices items={items.get(place.id)} path={path} />
        {beds.length === 0 ? null : <Beds beds={beds} />}
        {inner.length === 0 ? null : (
          <ul>
            {inner.map((branch) => (
              <Part key={branch.place.id} branch={branch} path={path} items={items} />
            ))}
          </ul>
        )}
      </details>
    </li>
  )
}

function Figures({ place }: { readonly place: HomePlace }): ReactNode {
  const { t } = useText()
  const { alarm, silent, never, faulty, total } = place.devices
  return (
    <span className="tree-figures">
      {place.beds === 0 ? null : <span>{t('tree.beds', { n: place.beds, people: place.residents })}</span>}
      {total === 0 ? null : <span className="quiet">{t('tree.devices', { n: total })}</span>}
      {alarm === 0 ? null : <b className="concern concern-critical">{t('concern.alarm', { n: alarm })}</b>}
      {silent + never === 0 ? null : (
        <b className="concern concern-major">{t('concern.silent', { n: silent + never })}</b>
      )}
      {faulty === 0 ? null : <b className="concern concern-minor">{t('concern.faulty', { n: faulty })}</b>}
    </span>
  )
}

function Beds({ beds }: { readonly beds: readonly Branch[] }): ReactNode {
  const { t } = useText()
  return (
    <ul className="beds">
      {beds.map(({ place }) => (
        <li key={place.id} className={place.residents > 0 ? 'bed is-taken' : 'bed'}>
          {place.name} <small>{t(place.residents > 0 ? 'tree.taken' : 'tree.free')}</small>
        </li>
      ))}
    </ul>
  )
}

function Devices(props: {
  readonly items: HomeDetail['items'] | undefined
  readonly path: readonly string[]
}): ReactNode {
  const { items, path } = props
  if (items === undefined) return null
  return (
    <ul className="tree-devices">
      {items.map(({ id, name, status }) => (
        <li key={id}>
          <Link to={{ page: 'device', id }}>{shortName(name || id, path)}</Link>
          <DeviceStatusMark status={status} />
        </li>
      ))}
    </ul>
  )
}
