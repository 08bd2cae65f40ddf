import type { Readings } from '../../contract/readings.ts'
import { Unreadable } from './json.ts'

/**
 * CJ/T 188, the frame of Chinese water meters: FE×0–4, 68, type, address (7 BCD, low byte first), control, length,
 * DI (2), serial, data, checksum = sum mod 256 from 68, 16. A read answer's data: current volume (4 BCD + unit), settled
 * volume (4 BCD + unit), real time (7 BCD), status (2).
 */
const WAKE_UP = 0xfe
const MAX_WAKE_UP = 4
const START = 0x68
const END = 0x16
const READ_ANSWER = 0x81
const ERROR_ANSWER = 0xc1
/** From the start byte to the length byte, inclusive. */
const HEADER = 11
/** Checksum and end byte. */
const TRAILER = 2
/** DI and serial number in front of the data. */
const DATA_HEAD = 3
/** The 2018 edition sends 1F 90, the one of 2004 90 1F. */
const READ_DATA = [0x1f90, 0x901f]
const COLD_WATER = 0x10
const RECLAIMED_WATER = 0x19
/** BCD with two decimals: 10 l resolution. */
const DECIMALS = 100
/** Unit codes: m³ per unit. */
const UNITS: ReadonlyMap<number, number> = new Map([
  [0x29, 0.001],
  [0x2a, 0.01],
  [0x2b, 0.1],
  [0x2c, 1],
])
/** Status byte 0, the two bits the standard itself defines: valve (0 open, 1 closed, 3 fault) and battery. */
const VALVE_BITS = 0b11
const VALVE = ['open', 'closed', undefined, 'fault'] as const
const BATTERY_LOW = 0b100

/** Throws Unreadable where the frame does not check. The meter's own clock is not used: it has no zone and is rarely set. */
export function decodeCjt188(frame: Uint8Array, arrivedAt: number): Readings {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
  const body = wholeFrame(bytes)
  const type = body[1] as number
  if (type < COLD_WATER || type > RECLAIMED_WATER) bad(`meter type ${hex(type)} is no water meter`)
  const control = body[9] as number
  if (control === ERROR_ANSWER) bad('the meter answered with an error')
  if (control !== READ_ANSWER) bad(`control ${hex(control)} is no answer to a read`)
  const data = body.subarray(HEADER, body.length - TRAILER)
  if (data.length < DATA_HEAD + 5 || !READ_DATA.includes(data.readUInt16BE(0)))
    bad('the data is no current volume (DI 1F90 or 901F)')
  const volume = volumeAt(data, DATA_HEAD)
  const status = data.length >= DATA_HEAD + 19 ? data[DATA_HEAD + 17] : undefined
  const fields: Readings['fields'][number][] = [{ quantity: 'volume', values: [volume] }]
  if (status !== undefined) {
    const valve = VALVE[status & VALVE_BITS]
    if (valve !== undefined) fields.push({ quantity: 'valve', values: [valve] })
    fields.push({ quantity: 'flags', values: [(status & BATTERY_LOW) !== 0 ? ['batteryLow'] : []] })
  }
  return { at: [arrivedAt], fields }
}

function wholeFrame(bytes: Buffer): Buffer {
  let start = 0
  while (start < MAX_WAKE_UP && bytes[start] === WAKE_UP) start++
  const body = bytes.subarray(start)
  if (body[0] !== START) bad(`the frame starts with ${hex(body[0])}, not 68`)
  if (body.length < HEADER + TRAILER) bad(`the frame ends after ${body.length} bytes`)
  const length = HEADER + (body[HEADER - 1] as number) + TRAILER
  if (body.length !== length) bad(`the frame says ${length} bytes and has ${body.length}`)
  if (body[length - 1] !== END) bad(`the frame ends with ${hex(body[length - 1])}, not 16`)
  let sum = 0
  for (let i = 0; i < length - TRAILER; i++) sum = (sum + (body[i] as number)) & 0xff
  if (sum !== body[length - TRAILER]) bad(`the checksum is ${hex(body[length - TRAILER])}, the bytes give ${hex(sum)}`)
  return body
}

function volumeAt(data: Buffer, at: number): number {
  let digits = 0
  for (let i = 3; i >= 0; i--) {
    const byte = data[at + i] as number
    const high = byte >> 4
    const low = byte & 0x0f
    if (high > 9 || low > 9) bad(`${hex(byte)} in the volume is no BCD`)
    digits = digits * 100 + high * 10 + low
  }
  const unit = data[at + 4] as number
  const factor = UNITS.get(unit)
  if (factor === undefined) return bad(`unit ${hex(unit)} is no volume`)
  return (digits * factor) / DECIMALS
}

const hex = (byte: number | undefined): string =>
  byte === undefined ? 'nothing' : byte.toString(16).toUpperCase().padStart(2, '0')

function bad(detail: string): never {
  throw new Unreadable('raw.bad-frame', detail)
}
