/** The city's clock: what fire panels show, what shifts and deadlines are meant in. */

/** China has one time zone; home staff and channels think in it. */
export const CITY_TIME_ZONE = 'Asia/Shanghai'

/** The same zone without a calendar: no summer time since 1991, and nothing here speaks of an earlier hour. */
export const CITY_OFFSET = '+08:00'
const HOUR_MS = 3_600_000
export const CITY_OFFSET_MS = 8 * HOUR_MS

const DAY_HOURS = 24
const DAY_MS = DAY_HOURS * HOUR_MS

/** The day in the city, days since 1970. @param at ms since 1970 */
export const cityDayOf = (at: number): number => Math.floor((at + CITY_OFFSET_MS) / DAY_MS)
/** The hour (since 1970 UTC) in which a day of the city begins. @param day days since 1970 in the city's time */
export const midnightOf = (day: number): number => day * DAY_HOURS - CITY_OFFSET_MS / HOUR_MS

const DATE_CHARS = '2026-11-22'.length
/** The day in the city, `2026-11-22`. @param at ms since 1970 */
export const cityDate = (at: number): string => cityClock(at).toISOString().slice(0, DATE_CHARS)

/** A moment whose UTC parts are what the city's clocks show. @param at ms since 1970 */
export const cityClock = (at: number): Date => new Date(at + CITY_OFFSET_MS)
