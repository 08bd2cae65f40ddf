/** The city's clock: what fire panels show, what shifts and deadlines are meant in. */

/** China has one time zone; home staff and channels think in it. */
export const CITY_TIME_ZONE = 'Asia/Shanghai'

/** The same zone without a calendar: no summer time since 1991, and nothing here speaks of an earlier hour. */
export const CITY_OFFSET = '+08:00'
const HOUR_MS = 3_600_000
export const CITY_OFFSET_MS = 8 * HOUR_MS

/** A moment whose UTC parts are what the city's clocks show. @param at ms since 1970 */
export const cityClock = (at: number): Date => new Date(at + CITY_OFFSET_MS)
