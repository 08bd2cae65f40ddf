import {
  type ExpressionSpecification,
  type GeoJSONSource,
  type LayerSpecification,
  Map as MapLibre,
  type MapMouseEvent,
} from 'maplibre-gl'
import type { ZoneRow } from '../../../../contract/water-api.ts'
import type { Language } from '../i18n/text.ts'
import { CITY } from '../map/city-map.ts'
import { MAP_PALETTES, type MapPalette } from '../map/palette.ts'
import { mapStyle } from '../map/style.ts'
import type { View } from '../store/view.ts'
import { lossFeatures, SHARE_COLOURS, SHARE_LIMITS, TREND_COLOURS } from './loss-marks.ts'
import type { Sort } from './water-api.ts'

/** The loss map, driven from outside React: the city's outlines and one circle per village. */

const ZONES = 'zones'
const PADDING_PX = 48
/** Villages of one street are not shown closer than this. */
const CLOSEST_ZOOM = 14
const HIT_PX = 3
const WALL_TEXT = 1.6
/** Circle of a village that loses nothing, and of one that loses this much: area grows with what is lost. */
const LEAST_PX = 4
const MOST_PX = 22
/** How far outside of it the ring of an open loss lies. */
const RING_PX = 4
const NAMES_ZOOM = 9.5
const LARGEST: Record<Sort, number> = { tonight: 4, week: 600, trend: 4 }
const NARROW_LINE_PX = 1
const WIDE_LINE_PX = 3

/** Where a village is drawn, px from the map’s corner, and how large the map is. */
export interface LitVillage {
  readonly id: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface LossMapOptions {
  readonly host: HTMLElement
  readonly theme: View['theme']
  readonly language: Language
  readonly wall: boolean
  onOpen(id: string): void
  /** The village under the mouse, or pointed at in the list; null: none. */
  onLit(at: LitVillage | null): void
}

/** Grows with the root of what is lost, so that a circle's area grows with the loss. */
const grown = (sort: Sort, least: number, most: number): ExpressionSpecification => [
  'interpolate',
  ['linear'],
  ['sqrt', ['max', 0, ['get', sort]]],
  0,
  least,
  Math.sqrt(LARGEST[sort]),
  most,
]

/** From afar only open losses are named; from nearer everyone, with the share that the colour says. Trends are arrows. */
function words(sort: Sort): ExpressionSpecification {
  if (sort === 'trend') return ['get', 'trendText']
  const all: ExpressionSpecification = ['concat', ['get', 'name'], '\n', ['get', `${sort}Text`]]
  return ['step', ['zoom'], ['case', ['get', 'open'], all, ''], NAMES_ZOOM, all]
}

/** Below the smallest share nothing may be said, and the circle is hollow. */
function colour(sort: Sort): ExpressionSpecification {
  if (sort === 'trend')
    return [
      'match',
      ['get', 'trendWord'],
      'rising',
      TREND_COLOURS.rising,
      'falling',
      TREND_COLOURS.falling,
      'steady',
      TREND_COLOURS.steady,
      'transparent',
    ]
  const steps = SHARE_LIMITS.flatMap((limit, i) => [limit, SHARE_COLOURS[i + 1] ?? ''])
  return [
    'case',
    ['<', ['get', sort], 0],
    'transparent',
    ['step', ['get', `${sort}Share`], SHARE_COLOURS[0], ...steps],
  ] as ExpressionSpecification
}

const lit: ExpressionSpecification = ['boolean', ['feature-state', 'lit'], false]

function layers(sort: Sort, palette: MapPalette, ink: string, textScale: number): LayerSpecification[] {
  return [
    {
      id: 'open-ring',
      type: 'circle',
      source: ZONES,
      filter: ['get', 'open'],
      paint: {
        'circle-radius': grown(sort, LEAST_PX + RING_PX, MOST_PX + RING_PX),
        'circle-color': 'transparent',
        'circle-stroke-color': ink,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'zones',
      type: 'circle',
      source: ZONES,
      layout: { 'circle-sort-key': ['get', sort] },
      paint: {
        'circle-radius': grown(sort, LEAST_PX, MOST_PX),
        'circle-color': colour(sort),
        'circle-stroke-color': ['case', lit, ink, ['<', ['get', sort], 0], palette.quiet, palette.halo],
        'circle-stroke-width': ['case', lit, WIDE_LINE_PX, ['<', ['get', sort], 0], 1.6, NARROW_LINE_PX],
      },
    },
    {
      id: 'zone-names',
      type: 'symbol',
      source: ZONES,
      layout: {
        'text-field': words(sort),
        'text-font': ['Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'sans-serif'],
        'text-max-width': 20,
        'text-size': 11.5 * textScale,
        ...(sort === 'trend'
          ? { 'text-anchor': 'center' as const, 'text-allow-overlap': true }
          : {
              'text-variable-anchor': ['top', 'bottom', 'left', 'right'] as const,
              'text-radial-offset': grown(sort, 1, 2.6),
              'text-padding': 4,
            }),
        // The largest are named first; where there is no room the others are not.
        'symbol-sort-key': ['*', -1, ['get', sort]],
      },
      paint: { 'text-color': ink, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 },
    },
  ]
}

export class LossMap {
  private readonly map: MapLibre
  private readonly options: LossMapOptions
  private readonly palette: MapPalette
  private readonly ink: string
  private loaded = false
  /** Nobody has moved it: all villages stay in sight. */
  private whole = true
  private bounds: [number, number, number, number] = CITY
  private litId: string | undefined

  constructor(options: LossMapOptions, sort: Sort) {
    this.options = options
    this.palette = MAP_PALETTES[options.theme]
    this.ink = getComputedStyle(options.host).color
    const scale = options.wall ? WALL_TEXT : 1
    const base = mapStyle(this.palette, options.language, location.origin, scale)
    const outlines = base.sources.outlines
    if (outlines === undefined) throw new Error('the map style has no outlines')
    this.map = new MapLibre({
      container: options.host,
      style: {
        ...base,
        sources: { outlines, [ZONES]: { type: 'geojson', data: lossFeatures([]), promoteId: 'id' } },
        layers: [
          ...base.layers.filter((layer) => !('source' in layer) || layer.source === 'outlines'),
          ...layers(sort, this.palette, this.ink, scale),
        ],
      },
      localIdeographFontFamily: '"Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif',
      bounds: CITY,
      fitBoundsOptions: { padding: PADDING_PX },
      minZoom: 6,
      maxZoom: 17,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.on('load', () => {
      this.loaded = true
      options.host.dataset.ready = 'true'
    })
    this.map.on('movestart', (event) => {
      if (event.originalEvent) this.whole = false
      options.onLit(null)
    })
    this.map.on('resize', () => {
      if (this.whole) this.frame(0)
    })
    this.map.on('mousemove', (event) => this.hover(event))
    this.map.on('mouseout', () => this.light(null))
    this.map.on('click', (event) => {
      const id = this.hit(event)
      if (id !== undefined) options.onOpen(id)
    })
  }

  show(villages: readonly ZoneRow[]): void {
    this.whenLoaded(() => {
      const data = lossFeatures(villages)
      this.map.getSource<GeoJSONSource>(ZONES)?.setData(data)
      const points = data.features.map(({ geometry }) => geometry.coordinates as [number, number])
      if (points.length > 0) {
        const lons = points.map(([lon]) => lon)
        const lats = points.map(([, lat]) => lat)
        this.bounds = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
      }
      if (this.whole) this.frame(0)
      this.options.host.dataset.villages = String(points.length)
    })
  }

  lookBy(sort: Sort): void {
    this.whenLoaded(() => {
      for (const layer of layers(sort, this.palette, this.ink, this.options.wall ? WALL_TEXT : 1)) {
        this.map.removeLayer(layer.id)
        this.map.addLayer(layer)
      }
    })
  }

  /** Marks a village and says where it is drawn. */
  light(id: string | null): void {
    if (!this.loaded || id === (this.litId ?? null)) return
    if (this.litId !== undefined) this.map.setFeatureState({ source: ZONES, id: this.litId }, { lit: false })
    this.litId = id ?? undefined
    if (id !== null) this.map.setFeatureState({ source: ZONES, id }, { lit: true })
    this.options.onLit(id === null ? null : this.whereIs(id))
  }

  private whereIs(id: string): LitVillage | null {
    const [feature] = this.map.querySourceFeatures(ZONES, { filter: ['==', ['get', 'id'], id] })
    if (feature?.geometry.type !== 'Point') return null
    const [lon = 0, lat = 0] = feature.geometry.coordinates
    const { x, y } = this.map.project([lon, lat])
    const { clientWidth: width, clientHeight: height } = this.options.host
    return { id, x, y, width, height }
  }

  zoomBy(step: number): void {
    this.whole = false
    this.map.zoomTo(this.map.getZoom() + step, { duration: 200 })
  }

  home(): void {
    this.whole = true
    this.frame(400)
  }

  remove(): void {
    this.map.remove()
  }

  private frame(duration: number): void {
    this.map.fitBounds(this.bounds, { padding: PADDING_PX, duration, maxZoom: CLOSEST_ZOOM })
  }

  private whenLoaded(work: () => void): void {
    if (this.loaded) work()
    else this.map.once('load', work)
  }

  private hit({ point: { x, y } }: MapMouseEvent): string | undefined {
    if (!this.loaded) return undefined
    const box: [[number, number], [number, number]] = [
      [x - HIT_PX, y - HIT_PX],
      [x + HIT_PX, y + HIT_PX],
    ]
    const feature = this.map.queryRenderedFeatures(box, { layers: ['zones'] })[0]
    return feature === undefined ? undefined : String(feature.properties.id)
  }

  private hover(event: MapMouseEvent): void {
    const id = this.hit(event)
    this.map.getCanvas().classList.toggle('is-hand', id !== undefined)
    this.light(id ?? null)
  }
}
