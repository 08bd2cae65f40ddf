/**
 * The frame of GB/T 26875.3-2011: what a fire panel's transmission device and a centre say to each other.
 * Bytes as they lie on the wire; what the application data means is `objects.ts`.
 */

/** Control (1), send (2), acknowledge (3), request (4), response (5), deny (6); 128–255 are a maker's own. */
export const command = { control: 1, send: 2, acknowledge: 3, request: 4, response: 5, deny: 6 } as const

/** Table 2: commands from here to 255 are left to makers. */
const FIRST_USER_COMMAND = 128
/** §7.2: application data of one frame, bytes. */
export const MOST_DATA_BYTES = 1024
/** Everything around the application data: start, control unit, checksum, end. */
export const ENVELOPE_BYTES = 30
export const LONGEST_FRAME_BYTES = ENVELOPE_BYTES + MOST_DATA_BYTES

const START = 0x40
const END = 0x23
const SEQUENCE_AT = 2
const VERSION_AT = 4
const TIME_AT = 6
const SOURCE_AT = 12
const DESTINATION_AT = 18
const LENGTH_AT = 24
const COMMAND_AT = 26
const DATA_AT = 27
const ADDRESS_BYTES = 6
/** The largest address six bytes can carry; a double holds it exactly. */
export const LARGEST_ADDRESS = 2 ** 48 - 1
/** Up to and with the command: what an answer needs to repeat. */
export const HEADER_BYTES = DATA_AT

/** The six bytes of a time tag as they were sent: no zone, and nothing says they are a real date. */
export interface FrameTime {
  second: number
  minute: number
  hour: number
  day: number
  month: number
  /** Years since 2000. */
  year: number
}

/** What stands before the application data. */
export interface FrameHeader {
  command: number
  /** 0…65535; an answer repeats it. */
  sequence: number
  version: { main: number; user: number }
  time: FrameTime
  /** 48 bits, 0…2⁴⁸−1. */
  source: number
  destination: number
}

export interface Gb26875Frame extends FrameHeader {
  /** Application data, at most 1,024 bytes; empty in a heartbeat or an acknowledgement. */
  data: Uint8Array
}

export type BadFrameReason = 'start' | 'length' | 'checksum' | 'command' | 'end'

/** Why a frame must be denied (command 6), with what of its header could be read for the answer. */
export interface FrameFault {
  readonly reason: BadFrameReason
  readonly message: string
  readonly header: FrameHeader | undefined
}

export class BadFrame extends Error implements FrameFault {
  override name = 'BadFrame'
  readonly reason: BadFrameReason
  readonly header: FrameHeader | undefined

  constructor({ reason, message, header }: FrameFault) {
    super(message)
    this.reason = reason
    this.header = header
  }
}

const byte = (bytes: Uint8Array, at: number) => bytes[at] ?? 0
const word = (bytes: Uint8Array, at: number) => byte(bytes, at) + byte(bytes, at + 1) * 256

function address(bytes: Uint8Array, at: number): number {
  let value = 0
  // Multiplied, not shifted: JavaScript shifts are 32 bits wide, an address has 48.
  for (let i = ADDRESS_BYTES - 1; i >= 0; i -= 1) value = value * 256 + byte(bytes, at + i)
  return value
}

/** The header of what may be a frame; undefined when there are too few bytes for one. Judges nothing. */
function readHeader(bytes: Uint8Array): FrameHeader | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  return {
    command: byte(bytes, COMMAND_AT),
    sequence: word(bytes, SEQUENCE_AT),
    version: { main: byte(bytes, VERSION_AT), user: byte(bytes, VERSION_AT + 1) },
    time: {
      second: byte(bytes, TIME_AT),
      minute: byte(bytes, TIME_AT + 1),
      hour: byte(bytes, TIME_AT + 2),
      day: byte(bytes, TIME_AT + 3),
      month: byte(bytes, TIME_AT + 4),
      year: byte(bytes, TIME_AT + 5),
    },
    source: address(bytes, SOURCE_AT),
    destination: address(bytes, DESTINATION_AT),
  }
}

/** The length field of a frame that begins at `at` and whose first 26 bytes are there. */
export const claimedDataBytes = (bytes: Uint8Array, at = 0): number => word(bytes, at + LENGTH_AT)

/** Table 2 and the makers' range. */
const isKnownCommand = (value: number): boolean =>
  (value >= command.control && value <= command.deny) || value >= FIRST_USER_COMMAND

/** §7.2: the low byte of the sum from the sequence to the end of the data. */
function checksum(bytes: Uint8Array, dataBytes: number): number {
  let sum = 0
  for (let i = SEQUENCE_AT; i < DATA_AT + dataBytes; i += 1) sum += byte(bytes, i)
  return sum & 0xff
}

/** What is wrong with what should be one whole frame, exactly; undefined: nothing. */
export function faultOf(bytes: Uint8Array): BadFrameReason | undefined {
  if (bytes[0] !== START || bytes[1] !== START) return 'start'
  if (bytes.length < ENVELOPE_BYTES) return 'length'
  const dataBytes = claimedDataBytes(bytes)
  if (dataBytes > MOST_DATA_BYTES || bytes.length !== ENVELOPE_BYTES + dataBytes) return 'length'
  const checksumAt = DATA_AT + dataBytes
  if (byte(bytes, checksumAt + 1) !== END || byte(bytes, checksumAt + 2) !== END) return 'end'
  if (byte(bytes, checksumAt) !== checksum(bytes, dataBytes)) return 'checksum'
  return isKnownCommand(byte(bytes, COMMAND_AT)) ? undefined : 'command'
}

/** With a sentence for a person, and what an answer needs. */
export const describeFault = (reason: BadFrameReason, bytes: Uint8Array): FrameFault => ({
  reason,
  message: sentence(reason, bytes),
  header: readHeader(bytes),
})

function sentence(reason: BadFrameReason, bytes: Uint8Array): string {
  const dataBytes = claimedDataBytes(bytes)
  if (reason === 'start') return 'The frame does not begin with 40 40.'
  if (reason === 'end') return 'The frame does not end with 23 23.'
  if (reason === 'command') return `Command ${byte(bytes, COMMAND_AT)} is not one of 1 to 6 or 128 to 255.`
  if (reason === 'checksum')
    return `The checksum is ${byte(bytes, DATA_AT + dataBytes)}; the bytes add up to ${checksum(bytes, dataBytes)}.`
  if (bytes.length < ENVELOPE_BYTES) return `The frame has ${bytes.length} bytes; the shortest has ${ENVELOPE_BYTES}.`
  if (dataBytes > MOST_DATA_BYTES) return `The frame claims ${dataBytes} bytes of data; ${MOST_DATA_BYTES} are allowed.`
  return `The frame claims ${dataBytes} bytes of data, ${ENVELOPE_BYTES + dataBytes} in all; ${bytes.length} are there.`
}

/** One whole frame, exactly. @throws BadFrame with the sentence and the reason it is denied for */
export function decodeFrame(bytes: Uint8Array): Gb26875Frame {
  const fault = faultOf(bytes)
  const header = readHeader(bytes)
  if (fault !== undefined || header === undefined) throw new BadFrame(describeFault(fault ?? 'length', bytes))
  return { ...header, data: Uint8Array.from(bytes.subarray(DATA_AT, DATA_AT + claimedDataBytes(bytes))) }
}

function putAddress(into: Uint8Array, at: number, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > LARGEST_ADDRESS) {
    throw new RangeError(`An address is a whole number from 0 to ${LARGEST_ADDRESS}, not ${value}.`)
  }
  let rest = value
  for (let i = 0; i < ADDRESS_BYTES; i += 1) {
    into[at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
}

/** The bytes of a frame, checksum and length filled in. @throws RangeError when a field does not fit its place. */
export function encodeFrame(frame: Gb26875Frame): Uint8Array {
  const { time, data } = frame
  if (data.length > MOST_DATA_BYTES)
    throw new RangeError(`A frame carries at most ${MOST_DATA_BYTES} bytes of data, not ${data.length}.`)
  const bytes = new Uint8Array(ENVELOPE_BYTES + data.length)
  bytes.set([START, START, frame.sequence & 0xff, (frame.sequence >> 8) & 0xff, frame.version.main, frame.version.user])
  bytes.set([time.second, time.minute, time.hour, time.day, time.month, time.year], TIME_AT)
  putAddress(bytes, SOURCE_AT, frame.source)
  putAddress(bytes, DESTINATION_AT, frame.destination)
  bytes.set([data.length & 0xff, data.length >> 8, frame.command], LENGTH_AT)
  bytes.set(data, DATA_AT)
  bytes.set([checksum(bytes, data.length), END, END], DATA_AT + data.length)
  return bytes
}
