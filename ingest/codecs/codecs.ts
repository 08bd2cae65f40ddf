import type { DecodedMessage, Readings } from '../../contract/readings.ts'
import { decodeCjt188 } from './cjt188.ts'
import { decodeGb26875 } from './gb26875.ts'
import { quoted, Unreadable } from './json.ts'

/** A vendor's binary frame → what it says of its sender, or of the devices it speaks for. May throw Unreadable. */
type RawCodec = (frame: Uint8Array, deviceId: string, arrivedAt: number) => DecodedMessage

const ofSender =
  (decode: (frame: Uint8Array, arrivedAt: number) => Readings): RawCodec =>
  (frame, deviceId, arrivedAt) => ({ blocks: [{ deviceId, readings: decode(frame, arrivedAt) }], complaints: [] })

/** The last part of `v1/devices/{id}/raw/{codec}`. */
const CODECS: ReadonlyMap<string, RawCodec> = new Map([
  ['cjt188', ofSender(decodeCjt188)],
  ['gb26875', decodeGb26875],
])

export function decodeRaw(codec: string, frame: Uint8Array, deviceId: string, arrivedAt: number): DecodedMessage {
  const decode = CODECS.get(codec)
  if (decode === undefined)
    return {
      blocks: [],
      complaints: [
        { reason: 'raw.unknown-codec', detail: `no codec ${quoted(codec)}; there is ${[...CODECS.keys()].join(', ')}` },
      ],
    }
  try {
    return decode(frame, deviceId, arrivedAt)
  } catch (error) {
    if (error instanceof Unreadable) return { blocks: [], complaints: [error.complaint] }
    throw error
  }
}
