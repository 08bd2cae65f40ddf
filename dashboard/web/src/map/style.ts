import type { ExpressionSpecification, StyleSpecification } from 'maplibre-gl'
import type { Language } from '../i18n/text.ts'
import { SEVERITY_COLOURS } from '../queue/severity-shape.ts'
import type { MapPalette } from './palette.ts'

/** The whole map as a MapLibre style: no base map, no glyphs and no sprite from elsewhere. */

export const FLEET = 'fleet'
export const ALARMS = 'alarms'
export const PLACES = 'places'
/** Layers whose marks can be clicked, the topmost first. */
export const CLICKABLE = ['alarm-marks', 'device-marks', 'device-points', 'density'] as const
/** The deepest tiles the server makes; beyond, they are enlarged. */
const FLEET_MAX_ZOOM = 16

/** A list of installed fonts, drawn in the browser. */
const FONTS = ['Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'sans-serif']

const EMPTY = { type: 'FeatureCollection', features: [] } as const

/** @param textScale 1, or more for a wall that is read from afar */
export function mapStyle(
  palette: MapPalette,
  language: Language,
  origin: string,
  textScale: number,
): StyleSpecification {
  const status: ExpressionSpecification = ['get', 'status']
  const groupColour: ExpressionSpecification = [
    'match',
    ['get', 'group'],
    'water',
    palette.group.water,
    'fire',
    palette.group.fire,
    'care',
    palette.group.care,
    'plant',
    palette.group.plant,
    palette.group.gateway,
  ]
  const colour: ExpressionSpecification = [
    'match',
    status,
    'critical',
    SEVERITY_COLOURS.CRITICAL.fill,
    'major',
    SEVERITY_COLOURS.MAJOR.fill,
    'minor',
    SEVERITY_COLOURS.MINOR.fill,
    'warning',
    SEVERITY_COLOURS.WARNING.fill,
    groupColour,
  ]
  return {
    version: 8,
    sources: {
      outlines: { type: 'geojson', data: `${origin}/map/outlines.json` },
      [FLEET]: { type: 'vector', tiles: [`${origin}/tiles/{z}/{x}/{y}.mvt`], minzoom: 0, maxzoom: FLEET_MAX_ZOOM },
      [PLACES]: { type: 'geojson', data: EMPTY },
      [ALARMS]: { type: 'geojson', data: EMPTY },
    },
    layers: [
      { id: 'outside', type: 'background', paint: { 'background-color': palette.outside } },
      {
        id: 'counties',
        type: 'fill',
        source: 'outlines',
        filter: ['==', ['get', 'part'], 'area'],
        paint: { 'fill-color': palette.county },
      },
      {
        id: 'borders',
        type: 'line',
        source: 'outlines',
        filter: ['==', ['get', 'part'], 'border'],
        layout: { 'line-join': 'round' },
        paint: { 'line-color': palette.border, 'line-width': 1, 'line-dasharray': [4, 3] },
      },
      {
        id: 'edge',
        type: 'line',
        source: 'outlines',
        filter: ['==', ['get', 'part'], 'edge'],
        layout: { 'line-join': 'round' },
        paint: { 'line-color': palette.edge, 'line-width': 1.6 },
      },
      {
        id: 'density',
        type: 'circle',
        source: FLEET,
        'source-layer': 'density',
        paint: {
          'circle-color': palette.density,
          'circle-opacity': ['interpolate', ['linear'], ['ln', ['get', 'count']], 0, 0.25, 6, 0.6],
          'circle-radius': ['interpolate', ['linear'], ['ln', ['get', 'count']], 0, 1.5, 4, 3.5, 7, 6],
        },
      },
      {
        id: 'device-points',
        type: 'circle',
        source: FLEET,
        'source-layer': 'devices',
        filter: ['!', ['in', status, ['literal', ['silent', 'never', 'disabled']]]],
        layout: {
          // What is wrong is drawn over what is fine.
          'circle-sort-key': ['match', status, 'critical', 9, 'major', 8, 'minor', 7, 'warning', 6, 0],
        },
        paint: {
          'circle-color': colour,
          'circle-opacity': ['match', status, 'ok', 0.8, 1],
          'circle-radius': ['interpolate', ['exponential', 1.4], ['zoom'], 7, 1.8, 9, 2.6, 12, 4, 15, 6.5, 18, 10],
          'circle-stroke-color': palette.halo,
          'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 10, 0, 13, 1],
        },
      },
      {
        id: 'device-marks',
        type: 'symbol',
        source: FLEET,
        'source-layer': 'devices',
        filter: ['in', status, ['literal', ['silent', 'never', 'disabled']]],
        layout: {
          'icon-image': ['concat', 'mark-', status],
          'icon-size': ['interpolate', ['linear'], ['zoom'], 7, 0.6, 12, 0.9, 16, 1.5],
          'icon-allow-overlap': true,
          'icon-ignore-placement': true,
        },
      },
      {
        id: 'county-labels',
        type: 'symbol',
        source: 'outlines',
        maxzoom: 12.5,
        filter: ['==', ['get', 'part'], 'label'],
        layout: {
          'text-field': ['get', language],
          'text-font': FONTS,
          'text-size': ['interpolate', ['linear'], ['zoom'], 7, 12 * textScale, 10, 17 * textScale],
          'text-letter-spacing': language === 'zh' ? 0.2 : 0.06,
          'text-variable-anchor': ['center', 'top', 'bottom'],
        },
        paint: { 'text-color': palette.countyLabel, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
      },
      {
        id: 'place-labels',
        type: 'symbol',
        source: PLACES,
        minzoom: 10,
        filter: ['any', ['==', ['get', 'kind'], 'home'], ['==', ['get', 'kind'], 'plant'], ['>=', ['zoom'], 10.8]],
        layout: {
          'text-field': ['get', 'name'],
          'text-font': FONTS,
          'text-size': ['interpolate', ['linear'], ['zoom'], 10, 11.5 * textScale, 14, 14.5 * textScale],
          'text-variable-anchor': ['top', 'bottom', 'left', 'right'],
          // Clear of an alarm's mark, which is not part of the style.
          'text-radial-offset': 1.5,
          'text-max-width': 9,
          'symbol-sort-key': ['match', ['get', 'kind'], 'home', 0, 'plant', 1, 2],
        },
        paint: { 'text-color': palette.placeLabel, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
      },
      {
        id: 'alarm-marks',
        type: 'symbol',
        source: ALARMS,
        layout: {
          'icon-image': ['get', 'icon'],
          'icon-size': ['interpolate', ['linear'], ['zoom'], 7, ['get', 'small'], 13, ['get', 'large']],
          // Not ignored by placement: names make way for alarms.
          'icon-allow-overlap': true,
          'symbol-sort-key': ['get', 'order'],
          'symbol-z-order': 'source',
        },
      },
    ],
  }
}
