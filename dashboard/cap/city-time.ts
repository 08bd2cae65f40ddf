import { CITY_OFFSET, cityClock } from '../../contract/city-time.ts'

const SECONDS_LENGTH = 'YYYY-MM-DDTHH:MM:SS'.length

/** As CAP 1.2 §3.3.2 writes a time: whole seconds and the zone's offset, never `Z`. */
export const cityTime = (at: number): string => `${cityClock(at).toISOString().slice(0, SECONDS_LENGTH)}${CITY_OFFSET}`
