/** InfluxQL as text: every name and value that goes into a statement comes through here. */

/** InfluxDB counts nanoseconds in 64 bits: 1677-09-21 to 2262-04-11, in whole ms. */
const MAX_TIME_MS = 9_223_372_036_854

/** 'text', with quotes, backslashes and line breaks escaped: whatever it holds, it stays one literal. */
const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`

/** "name", escaped likewise. */
export const identifier = (name: string): string =>
  `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`

/** A time of the port's as a literal, within what InfluxDB can hold. Readings lie on whole ms. */
const time = (ms: number): string => `${Math.max(-MAX_TIME_MS, Math.min(MAX_TIME_MS, Math.ceil(ms)))}ms`

/** Condition for the readings of a device with `from` ≤ time < `to`. */
export const ofDevice = (deviceId: string, from: number, to: number): string => ofDevices([deviceId], from, to)

/** The same of several: times are not allowed within an OR. */
export const ofDevices = (deviceIds: readonly string[], from: number, to: number): string => {
  const any = deviceIds.map((id) => `"device" = ${literal(id)}`).join(' OR ')
  return `(${any}) AND time >= ${time(from)} AND time < ${time(to)}`
}

/** Windows of `stepMs`, one of which begins at `from`. */
export function windows(from: number, stepMs: number): string {
  const begin = Math.ceil(from)
  return `time(${stepMs}ms, ${((begin % stepMs) + stepMs) % stepMs}ms)`
}
