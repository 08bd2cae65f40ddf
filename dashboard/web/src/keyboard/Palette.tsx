import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Device, Place } from '../../../../contract/api.ts'
import { KINDS } from '../../../../contract/kinds.ts'
import { PREMISES } from '../../../../contract/places.ts'
import { may } from '../../../../contract/roles.ts'
import { get, queryOf } from '../api/request.ts'
import { inLanguage, useText } from '../i18n/text.ts'
import { Icon, type IconName } from '../shell/Icon.tsx'
import { go, type Route } from '../shell/route.ts'
import { useConsole } from '../store/console.ts'
import { useView, view } from '../store/view.ts'

interface Found {
  readonly devices: readonly Device[]
  readonly places: readonly (Place & { readonly path: readonly string[] })[]
}

interface Choice {
  readonly key: string
  readonly icon: IconName
  readonly title: string
  readonly note: string
  readonly what: string
  act(): void
}

const TYPING_MS = 120
const LIMIT = 8
const ZOOM_OF: Partial<Record<Place['kind'], number>> = { county: 10, township: 11.5, village: 14, plant: 14 }
const HOUSE_ZOOM = 16

/** Ctrl+K: finds any device, home or village, and every page. */
export function Palette(): ReactNode {
  const open = useView((v) => v.palette)
  return open ? <OpenPalette /> : null
}

function OpenPalette(): ReactNode {
  const { t, language } = useText()
  const dialog = useRef<HTMLDialogElement>(null)
  const [q, setQ] = useState('')
  const [found, setFound] = useState<Found | null>(null)
  const [at, setAt] = useState(0)
  const mayAudit = useConsole((s) => s.session != null && may(s.session.role, 'audit.read'))
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  useEffect(() => {
    const wanted = q.trim()
    if (wanted === '') {
      setFound(null)
      return
    }
    const abort = new AbortController()
    const timer = setTimeout(() => {
      get<Found>(`/api/search${queryOf({ q: wanted, limit: LIMIT })}`, abort.signal)
        .then((answer) => {
          setFound(answer)
          setAt(0)
        })
        .catch(() => undefined)
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [q])
  const close = (): void => view.change({ palette: false })
  const page = (route: Route, title: string, icon: IconName): Choice => ({
    key: route.page,
    icon,
    title,
    note: '',
    what: t('palette.page'),
    act: () => go(route),
  })
  const pages = [
    page({ page: 'map' }, t('nav.map'), 'map'),
    page({ page: 'homes' }, t('nav.homes'), 'home'),
    page({ page: 'hazards' }, t('tabs.hazards'), 'home'),
    page({ page: 'duty' }, t('tabs.duty'), 'home'),
    page({ page: 'devices' }, t('nav.devices'), 'devices'),
    page({ page: 'quarantine' }, t('nav.quarantine'), 'question'),
    page({ page: 'system' }, t('nav.system'), 'system'),
    ...(mayAudit ? [page({ page: 'audit' }, t('nav.audit'), 'audit')] : []),
  ].filter((choice) => q.trim() === '' || choice.title.toLowerCase().includes(q.trim().toLowerCase()))
  const choices: readonly Choice[] = [
    ...(found?.places ?? []).map(
      (place): Choice => ({
        key: `place/${place.id}`,
        icon: place.kind === 'home' ? 'care' : 'locate',
        title: place.name,
        note: place.path.slice(0, -1).join(' › '),
        what: t(`place.${place.kind}`),
        act: () => {
          if (PREMISES.has(place.kind)) return go({ page: 'home', id: place.id })
          go({ page: 'map' })
          if (place.lon !== null && place.lat !== null)
            view.change({ goTo: { lon: place.lon, lat: place.lat, zoom: ZOOM_OF[place.kind] ?? HOUSE_ZOOM } })
        },
      }),
    ),
    ...(found?.devices ?? []).map(
      (device): Choice => ({
        key: `device/${device.id}`,
        icon: KINDS[device.kind].group,
        title: device.name || device.id,
        note: [device.id, ...device.placePath.filter((name) => !device.name.includes(name))].join(' · '),
        what: inLanguage(KINDS[device.kind], language),
        act: () => go({ page: 'device', id: device.id }),
      }),
    ),
    ...pages,
  ]
  const choose = (choice: Choice | undefined): void => {
    if (!choice) return
    close()
    choice.act()
  }
  return (
    <dialog ref={dialog} className="dialog palette" aria-label={t('palette.title')} onClose={close}>
      <input
        type="search"
        className="palette-input"
        placeholder={t('palette.placeholder')}
        aria-label={t('palette.placeholder')}
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={choices[at] ? `palette-${at}` : undefined}
        value={q}
        autoFocus
        onChange={(event) => setQ(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt((n) => Math.min(choices.length - 1, n + 1))
          else if (event.key === 'ArrowUp') setAt((n) => Math.max(0, n - 1))
          else if (event.key === 'Enter') choose(choices[at])
          else return
          event.preventDefault()
        }}
      />
      <div id="palette-list" className="palette-list" role="listbox" aria-label={t('palette.title')}>
        {choices.map((choice, i) => (
          <div
            key={choice.key}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === at}
            tabIndex={-1}
            className={i === at ? 'is-current' : ''}
            onPointerMove={() => setAt(i)}
            onPointerDown={(event) => {
              event.preventDefault()
              choose(choice)
            }}
          >
            <Icon name={choice.icon} />
            <span className="palette-title">{choice.title}</span>
            <span className="palette-note quiet">{choice.note}</span>
            <span className="tag">{choice.what}</span>
          </div>
        ))}
        {choices.length === 0 ? <p className="empty quiet">{t('palette.none', { q })}</p> : null}
      </div>
      <p className="palette-hint quiet">{t('palette.hint')}</p>
    </dialog>
  )
}
