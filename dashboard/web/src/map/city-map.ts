import 'maplibre-gl/dist/maplibre-gl.css'
import { type GeoJSONSource, Map as MapLibre, Marker, setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { Place } from '../../../../contract/api.ts'
import type { Language } from '../i18n/text.ts'
import type { DeviceChanges } from '../live/connection.ts'
import type { ConsoleState } from '../store/console-state.ts'
import { isUnacknowledged } from '../store/queue.ts'
import type { View } from '../store/view.ts'
import { dirtyTiles } from './dirty-tiles.ts'
import { alarmFeatures, alarmMarks } from './overlay.ts'
import { MAP_PALETTES } from './palette.ts'
import { ALARMS, CLICKABLE, FLEET, mapStyle, PLACES } from './style.ts'
import { mapSymbols } from './symbols.ts'

setWorkerUrl(workerUrl)

/** Liaocheng prefecture, WGS-84 degrees: west, south, east, north. */
const CITY: [number, number, number, number] = [115.25, 35.75, 116.56, 37.06]
const FLEET_ZOOMS = Array.from({ length: 17 }, (_, z) => z)
/** Changed tiles are asked for this often at most: a burst of changes is one request per tile. */
const REFRESH_MS = 500
/** Positions remembered until the next refresh; beyond it everything visible is asked for. */
const MOST_DIRTY = 2000
/** Rings that pulse at the same time. More would be one red field. */
const MOST_RINGS = 24
const CLICK_PX = 6
const HOME_PADDING_PX = 24
const PLACE_KINDS: ReadonlySet<Place['kind']> = new Set(['village', 'home', 'plant'])

export interface MapOptions {
  readonly host: HTMLElement
  readonly theme: View['theme']
  readonly language: Language
  readonly camera: Camera | undefined
  onDevice(id: string): void
  onAlarm(id: string): void
  onEmpty(): void
}
export interface Camera {
  readonly center: [number, number]
  readonly zoom: number
}

/** The map, driven from outside React. */
export class CityMap {
  private readonly map: MapLibre
  private readonly rings = new Map<string, Marker>()
  private readonly options: MapOptions
  private loaded = false
  /** The whole city is shown and nobody has moved away from it: it stays whole when the space for it changes. */
  private atHome: boolean
  private dirty: { readonly lon: number | null; readonly lat: number | null }[] = []
  private allDirty = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private drawnAlarms: ConsoleState['alarms'] | undefined
  private drawnDevices: ConsoleState['devices'] | undefined
  private drawnPlaces: ConsoleState['places'] | undefined
  private marksKey = ''
  private pending: ConsoleState | undefined

  constructor(options: MapOptions) {
    this.options = options
    this.atHome = options.camera === undefined
    const palette = MAP_PALETTES[options.theme]
    this.map = new MapLibre({
      container: options.host,
      style: mapStyle(palette, options.language, location.origin),
      localIdeographFontFamily: '"Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif',
      ...(options.camera ?? { bounds: CITY, fitBoundsOptions: { padding: HOME_PADDING_PX } }),
      minZoom: 6.5,
      maxZoom: 18.5,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      // A tile that left the screen is asked for again (304 when nothing changed): a kept one may tell yesterday's state.
      maxTileCacheSize: 0,
      refreshExpiredTiles: false,
    })
    this.map.touchZoomRotate.disableRotation()
    const symbols = new Map(mapSymbols(palette).map((symbol) => [symbol.name, symbol]))
    this.map.setMissingStyleImageResolver((id) => {
      const symbol = symbols.get(id)
      if (symbol && !this.map.hasImage(id)) this.map.addImage(id, symbol.image, { pixelRatio: symbol.pixelRatio })
    })
    this.map.on('movestart', (event) => {
      if (event.originalEvent) this.atHome = false
    })
    this.map.on('resize', () => {
      if (this.atHome) this.map.fitBounds(CITY, { padding: HOME_PADDING_PX, duration: 0 })
    })
    this.map.on('load', () => {
      this.loaded = true
      options.host.dataset.ready = 'true'
      if (this.pending) this.show(this.pending)
    })
    this.map.on('click', (event) => this.click(event.point.x, event.point.y))
    this.map.on('mousemove', (event) => {
      const hit = this.hit(event.point.x, event.point.y)
      this.map.getCanvas().classList.toggle('is-hand', hit !== undefined)
    })
  }

  /** Where it looks, to come back to; undefined while it shows the whole city. */
  get camera(): Camera | undefined {
    if (this.atHome) return undefined
    const { lng, lat } = this.map.getCenter()
    return { center: [lng, lat], zoom: this.map.getZoom() }
  }

  /** Draws alarms and place names as they are now; cheap when nothing of them changed. */
  show(state: ConsoleState): void {
    if (state.alarms !== this.drawnAlarms || state.devices !== this.drawnDevices || state.places !== this.drawnPlaces) {
      const marks = alarmMarks(state)
      this.drawRings(marks)
      if (!this.loaded) {
        this.pending = state
        return
      }
      // Devices change more often than marks do.
      const key = marks.map((mark) => `${mark.alarm.id}${mark.alarm.state}${mark.lon}`).join()
      if (key !== this.marksKey) {
        this.marksKey = key
        void this.map.getSource<GeoJSONSource>(ALARMS)?.setData(alarmFeatures(marks))
      }
      if (state.places !== this.drawnPlaces) this.drawPlaces(state.places)
      this.drawnAlarms = state.alarms
      this.drawnDevices = state.devices
      this.drawnPlaces = state.places
    }
    this.pending = undefined
  }

  /** Asks again for the tiles that show these devices, soon. */
  refresh(changes: DeviceChanges | 'all'): void {
    if (changes === 'all' || this.dirty.length + changes.length > MOST_DIRTY) {
      this.allDirty = true
      this.dirty = []
    } else if (!this.allDirty) this.dirty.push(...changes)
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      const tiles = this.allDirty ? undefined : dirtyTiles(this.dirty, FLEET_ZOOMS)
      this.allDirty = false
      this.dirty = []
      if (!this.loaded || tiles?.length === 0) return
      this.map.refreshTiles(FLEET, tiles ? [...tiles] : undefined)
    }, REFRESH_MS)
  }

  flyTo(lon: number, lat: number, zoom: number): void {
    this.atHome = false
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.map.flyTo({ center: [lon, lat], zoom, offset: [-this.covered() / 2, 0], duration: still ? 0 : 900 })
  }

  /** How much of the map's right side the open alarm's drawer lies on, px. */
  private covered(): number {
    const drawer = document.querySelector('.drawer')?.getBoundingClientRect()
    const host = this.options.host.getBoundingClientRect()
    return drawer ? Math.max(0, Math.min(drawer.width, host.right - drawer.left)) : 0
  }

  home(): void {
    this.atHome = true
    this.map.fitBounds(CITY, { padding: HOME_PADDING_PX, duration: 500 })
  }

  zoomBy(step: number): void {
    this.atHome = false
    this.map.zoomTo(this.map.getZoom() + step, { duration: 200 })
  }

  remove(): void {
    clearTimeout(this.timer)
    for (const ring of this.rings.values()) ring.remove()
    this.map.remove()
  }

  /** HTML, because a CSS animation costs the map no frame of its own. */
  private drawRings(marks: ReturnType<typeof alarmMarks>): void {
    const wanted = marks
      .filter(({ alarm }) => alarm.severity === 'CRITICAL' && isUnacknowledged(alarm))
      .slice(-MOST_RINGS)
    const keys = new Set(wanted.map(({ lon, lat }) => `${lon},${lat}`))
    for (const [key, ring] of this.rings)
      if (!keys.has(key)) {
        ring.remove()
        this.rings.delete(key)
      }
    for (const { lon, lat } of wanted) {
      const key = `${lon},${lat}`
      if (this.rings.has(key)) continue
      const element = document.createElement('div')
      element.className = 'ring'
      element.append(document.createElement('i'), document.createElement('i'))
      this.rings.set(key, new Marker({ element }).setLngLat([lon, lat]).addTo(this.map))
    }
  }

  private drawPlaces(places: ReadonlyMap<string, Place>): void {
    void this.map.getSource<GeoJSONSource>(PLACES)?.setData({
      type: 'FeatureCollection',
      features: [...places.values()].flatMap(({ id, kind, name, lon, lat }) =>
        lon === null || lat === null || !PLACE_KINDS.has(kind)
          ? []
          : [{ type: 'Feature', properties: { id, kind, name }, geometry: { type: 'Point', coordinates: [lon, lat] } }],
      ),
    })
  }

  private hit(x: number, y: number) {
    if (!this.loaded) return undefined
    return this.map.queryRenderedFeatures(
      [
        [x - CLICK_PX, y - CLICK_PX],
        [x + CLICK_PX, y + CLICK_PX],
      ],
      { layers: [...CLICKABLE] },
    )[0]
  }

  private click(x: number, y: number): void {
    const feature = this.hit(x, y)
    if (!feature) this.options.onEmpty()
    else if (feature.layer.id === 'alarm-marks') this.options.onAlarm(String(feature.properties.id))
    else if (feature.layer.id === 'density') {
      const { lng, lat } = this.map.unproject([x, y])
      this.flyTo(lng, lat, this.map.getZoom() + 2)
    } else this.options.onDevice(String(feature.properties.id))
  }
}
