import 'maplibre-gl/dist/maplibre-gl.css'
import { type GeoJSONSource, Map as MapLibre, ScaleControl, setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { Place } from '../../../../contract/api.ts'
import type { Language } from '../i18n/text.ts'
import type { DeviceChanges } from '../live/connection.ts'
import type { ConsoleState } from '../store/console-state.ts'
import type { View } from '../store/view.ts'
import { AlarmMarkers, MOST_MARKERS } from './alarm-markers.ts'
import { dirtyTiles, refreshPause } from './dirty-tiles.ts'
import { type AlarmMark, alarmFeatures, alarmMarks } from './overlay.ts'
import { MAP_PALETTES } from './palette.ts'
import { ALARMS, CLICKABLE, FLEET, mapStyle, PLACES } from './style.ts'
import { mapSymbols } from './symbols.ts'

setWorkerUrl(workerUrl)

/** Liaocheng prefecture, WGS-84 degrees: west, south, east, north. */
export const CITY: [number, number, number, number] = [115.25, 35.75, 116.56, 37.06]
const FLEET_ZOOMS = Array.from({ length: 17 }, (_, z) => z)
const GIVE_WAY_MS = 500
/** Positions remembered until the next refresh; beyond it everything visible is asked for. */
const MOST_DIRTY = 2000
const CLICK_PX = 6
/** Banners lie over the top of the map; they must not make it smaller (see style/map.css). */
const HOME_PADDING_PX = { top: 112, bottom: 24, left: 24, right: 24 }
/** Names of counties, read from five metres. */
const WALL_TEXT = 1.6
const SCALE_PX = 110
const MARK_ZOOMS = [7, 13] as const
const MARK_SMALL_PX = 22
const MARK_LARGE_PX = 34
const PLACE_KINDS: ReadonlySet<Place['kind']> = new Set(['village', 'home', 'plant'])

export interface MapOptions {
  readonly host: HTMLElement
  readonly theme: View['theme']
  readonly language: Language
  readonly wall: boolean
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
  private readonly markers: AlarmMarkers
  private readonly options: MapOptions
  private loaded = false
  /** The whole city is shown and nobody has moved away from it: it stays whole when the space for it changes. */
  private atHome: boolean
  private dirty: { readonly lon: number | null; readonly lat: number | null }[] = []
  private allDirty = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private pauseMs = refreshPause(0)
  private shownAlarms: ConsoleState['alarms'] | undefined
  private shownIncidents: ConsoleState['incidents'] | undefined
  private shownDevices: ConsoleState['devices'] | undefined
  private shownPlaces: ConsoleState['places'] | undefined
  private restKey = ''

  constructor(options: MapOptions) {
    this.options = options
    this.atHome = options.camera === undefined
    const palette = MAP_PALETTES[options.theme]
    this.map = new MapLibre({
      container: options.host,
      style: mapStyle(palette, options.language, location.origin, options.wall ? WALL_TEXT : 1),
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
    // Without a base map nothing else tells a street from a county.
    this.map.addControl(new ScaleControl({ maxWidth: SCALE_PX, unit: 'metric' }), 'bottom-right')
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
    this.markers = new AlarmMarkers(this.map, options.onAlarm)
    this.map.on('zoom', () => this.sizeMarks())
    this.sizeMarks()
    this.map.on('load', () => {
      this.loaded = true
      options.host.dataset.ready = 'true'
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

  /** Shows alarms and place names as they are now; cheap when nothing of them changed. */
  show(state: ConsoleState): void {
    if (
      state.alarms !== this.shownAlarms ||
      state.incidents !== this.shownIncidents ||
      state.devices !== this.shownDevices ||
      state.places !== this.shownPlaces
    ) {
      if (state.alarms !== this.shownAlarms) this.giveWay()
      const marks = alarmMarks(state)
      // The most urgent are last.
      this.markers.show(marks.slice(-MOST_MARKERS))
      this.drawRest(marks.slice(0, -MOST_MARKERS))
    }
    if (state.places !== this.shownPlaces) this.drawPlaces(state.places)
    this.shownAlarms = state.alarms
    this.shownIncidents = state.incidents
    this.shownDevices = state.devices
    this.shownPlaces = state.places
  }

  /** Asks again for the tiles that show these devices, soon. */
  refresh(changes: DeviceChanges | 'all'): void {
    if (changes === 'all' || this.dirty.length + changes.length > MOST_DIRTY) {
      this.allDirty = true
      this.dirty = []
    } else if (!this.allDirty) this.dirty.push(...changes)
    if (this.dirty.length > 0 || this.allDirty) this.timer ??= setTimeout(() => this.refreshNow(), this.pauseMs)
  }

  private refreshNow(): void {
    this.timer = undefined
    const tiles = this.allDirty ? undefined : dirtyTiles(this.dirty, FLEET_ZOOMS)
    this.allDirty = false
    this.dirty = []
    if (!this.loaded || tiles?.length === 0) return
    const begun = performance.now()
    this.map.refreshTiles(FLEET, tiles ? [...tiles] : undefined)
    this.map.once('idle', () => {
      this.pauseMs = refreshPause(performance.now() - begun)
    })
  }

  /** An alarm has just arrived: its row is painted first. */
  private giveWay(): void {
    if (this.timer === undefined) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.refreshNow(), Math.max(GIVE_WAY_MS, this.pauseMs))
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
    this.map.remove()
  }

  private drawRest(marks: readonly AlarmMark[]): void {
    // Devices change more often than marks do.
    const key = marks.map(({ alarm, lon, lat }) => `${alarm.id} ${alarm.state} ${lon} ${lat}`).join()
    if (key === this.restKey) return
    this.restKey = key
    this.setData(ALARMS, alarmFeatures(marks))
  }

  private setData(source: string, data: Parameters<GeoJSONSource['setData']>[0]): void {
    const set = (): void => void this.map.getSource<GeoJSONSource>(source)?.setData(data)
    if (this.loaded) set()
    else this.map.once('load', set)
  }

  private drawPlaces(places: ReadonlyMap<string, Place>): void {
    this.setData(PLACES, {
      type: 'FeatureCollection',
      features: [...places.values()].flatMap(({ id, kind, name, lon, lat }) =>
        lon === null || lat === null || !PLACE_KINDS.has(kind)
          ? []
          : [{ type: 'Feature', properties: { id, kind, name }, geometry: { type: 'Point', coordinates: [lon, lat] } }],
      ),
    })
  }

  /** Marks grow from the city's view to a street's. */
  private sizeMarks(): void {
    const [from, to] = MARK_ZOOMS
    const part = Math.max(0, Math.min(1, (this.map.getZoom() - from) / (to - from)))
    this.options.host.style.setProperty('--mark-size', `${MARK_SMALL_PX + part * (MARK_LARGE_PX - MARK_SMALL_PX)}px`)
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
