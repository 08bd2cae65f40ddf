import { CITY_TIME_ZONE } from '../../../../contract/city-time.ts'

/** Times are shown in the city's zone whatever the workstation is set to. */
const formatter = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', { timeZone: CITY_TIME_ZONE, hourCycle: 'h23', ...options })
const DATE = formatter({ year: 'numeric', month: '2-digit', day: '2-digit' })
const TIME = formatter({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
const MINUTE = formatter({ hour: '2-digit', minute: '2-digit' })

/** "2026-11-21": the order both languages read. */
export function formatDate(at: number): string {
  const [day, month, year] = DATE.format(at).split('/')
  return `${year}-${month}-${day}`
}
export const formatClock = (at: number): string => TIME.format(at)
export const formatMinute = (at: number): string => MINUTE.format(at)
/** "11-21" */
export const formatDay = (at: number): string => formatDate(at).slice(5)
export const formatMonth = (at: number): string => formatDate(at).slice(0, 7)

/** Time alone for today, date and time else. */
export function formatTime(at: number, now: number): string {
  return formatDate(at) === formatDate(now) ? formatClock(at) : `${formatDate(at)} ${formatClock(at)}`
}
