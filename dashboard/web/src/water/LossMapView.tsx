import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { ZoneRow } from '../../../../contract/water-api.ts'
import { useText } from '../i18n/text.ts'
import { Icon } from '../shell/Icon.tsx'
import { go } from '../shell/route.ts'
import { useView } from '../store/view.ts'
import { LossCard } from './LossCard.tsx'
import { type LitVillage, LossMap } from './loss-map.ts'
import type { Sort } from './water-api.ts'

/** What is lost, village by village, on the city's outlines. `lit`: the village pointed at in the list. */
export function LossMapView(props: {
  readonly villages: readonly ZoneRow[]
  readonly sort: Sort
  readonly lit: string | null
}): ReactNode {
  const { t, language } = useText()
  const { villages, sort, lit } = props
  const theme = useView((v) => v.theme)
  const wall = useView((v) => v.wall)
  const host = useRef<HTMLDivElement>(null)
  const map = useRef<LossMap | null>(null)
  const [failed, setFailed] = useState(false)
  const [at, setAt] = useState<LitVillage | null>(null)
  const sortNow = useRef(sort)
  sortNow.current = sort
  const villagesNow = useRef(villages)
  villagesNow.current = villages
  useEffect(() => {
    if (host.current === null) return
    try {
      const drawn = new LossMap(
        {
          host: host.current,
          theme,
          language,
          wall,
          onOpen: (id) => go({ page: 'zone', id }),
          onLit: setAt,
        },
        sortNow.current,
      )
      drawn.show(villagesNow.current)
      map.current = drawn
      return () => {
        map.current = null
        drawn.remove()
      }
    } catch (error) {
      console.error(error)
      setFailed(true)
    }
  }, [theme, language, wall])
  useEffect(() => map.current?.show(villages), [villages])
  useEffect(() => map.current?.lookBy(sort), [sort])
  useEffect(() => map.current?.light(lit), [lit])
  const shown = at === null ? undefined : villages.find(({ id }) => id === at.id)
  if (failed) return <p className="loss-map-failed">{t('lossMap.failed')}</p>
  return (
    <>
      <section className="loss-map-host map-host" ref={host} aria-label={t('lossMap.label')} />
      {at !== null && shown !== undefined ? <LossCard zone={shown} at={at} /> : null}
      <div className="map-buttons">
        {(
          [
            ['plus', 'map.zoomIn', () => map.current?.zoomBy(1)],
            ['minus', 'map.zoomOut', () => map.current?.zoomBy(-1)],
            ['home', 'map.home', () => map.current?.home()],
          ] as const
        ).map(([icon, label, act]) => (
          <button key={icon} type="button" className="icon-button" aria-label={t(label)} title={t(label)} onClick={act}>
            <Icon name={icon} />
          </button>
        ))}
      </div>
    </>
  )
}
