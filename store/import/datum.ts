import { createRequire } from 'node:module'

// The package is CommonJS with types of an ES module: an `import` type-checks only in the form that does not run.
const gcoord = createRequire(import.meta.url)('gcoord') as typeof import('gcoord')['default']

/** Maps sold in China are shifted on purpose: unconverted, a GCJ-02 position lies 509 m off here and a BD-09 one 1,272 m. */
const DATUMS = {
  '': gcoord.WGS84,
  wgs84: gcoord.WGS84,
  gcj02: gcoord.GCJ02,
  bd09: gcoord.BD09,
} as const
/** About 0.1 m: finer than any map a position is read from. */
const POSITION_DECIMALS = 6

const isDatum = (name: string): name is keyof typeof DATUMS => Object.hasOwn(DATUMS, name)

/** A position in degrees as it is stored, from one in `datum` (any case, with or without hyphen; empty: WGS-84). */
export function toWgs84(
  datum: string,
  lon: number | undefined,
  lat: number | undefined,
): { readonly lon?: number; readonly lat?: number } | 'unknown datum' {
  const name = datum.toLowerCase().replaceAll(/[-\s]/g, '')
  if (!isDatum(name)) return 'unknown datum'
  if (lon === undefined || lat === undefined) return {}
  const from = DATUMS[name]
  if (from === gcoord.WGS84) return { lon, lat }
  const [x, y] = gcoord.transform<[number, number]>([lon, lat], from, gcoord.WGS84)
  return { lon: Number(x.toFixed(POSITION_DECIMALS)), lat: Number(y.toFixed(POSITION_DECIMALS)) }
}
