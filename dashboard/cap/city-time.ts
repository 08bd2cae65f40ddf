/** China has one time zone and no summer time (contract/shifts.ts). */
const OFFSET_MS = 28_800_000
const SECONDS_LENGTH = 'YYYY-MM-DDTHH:MM:SS'.length

/** As CAP 1.2 §3.3.2 writes a time: whole seconds and the zone's offset, never `Z`. */
export const cityTime = (at: number): string =>
  `${new Date(at + OFFSET_MS).toISOString().slice(0, SECONDS_LENGTH)}+08:00`
