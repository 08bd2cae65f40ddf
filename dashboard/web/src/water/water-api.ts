import type { GoFirst, ZoneRow } from '../../../../contract/water-api.ts'
import { get, queryOf } from '../api/request.ts'
import type { Pages } from '../api/use-pages.ts'

export const ZONES = '/api/water/zones'
export const FIRST = '/api/water/first'
export const SUMMARY = '/api/water/summary'
export const zonePath = (id: string): string => `${ZONES}/${encodeURIComponent(id)}`

/** What the list and the map are looked at by. */
export const SORTS = ['tonight', 'week', 'trend'] as const
export type Sort = (typeof SORTS)[number]

/** The server's most for one page. */
const PAGE = 1000
/** Villages on the map: more than any prefecture has. */
const MOST_VILLAGES = 10_000

type ZonePage = Pick<Pages<ZoneRow>, 'items' | 'total'> & { readonly next: string | null }

/** Every village, for the map. */
export async function allVillages(placeId: string, signal: AbortSignal): Promise<readonly ZoneRow[]> {
  const villages: ZoneRow[] = []
  let cursor: string | null = null
  do {
    const query: string = queryOf({ kind: 'village', placeId, limit: PAGE, cursor })
    const page: ZonePage = await get<ZonePage>(`${ZONES}${query}`, signal)
    villages.push(...page.items)
    cursor = page.next
  } while (cursor !== null && villages.length < MOST_VILLAGES)
  return villages
}

/** The village that is worst tonight and the household that leaks most; undefined where there is none. */
export async function worstOf(
  placeId: string,
  signal: AbortSignal,
): Promise<{ readonly zone: ZoneRow | undefined; readonly leak: GoFirst | undefined }> {
  const zones = queryOf({ kind: 'village', sort: 'tonight', placeId, limit: 1 })
  const leaks = queryOf({ kind: 'meter', placeId, limit: 1 })
  const [zone, leak] = await Promise.all([
    get<ZonePage>(`${ZONES}${zones}`, signal),
    get<{ readonly items: readonly GoFirst[] }>(`${FIRST}${leaks}`, signal),
  ])
  return { zone: zone.items[0], leak: leak.items[0] }
}
