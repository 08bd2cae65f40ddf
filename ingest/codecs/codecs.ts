import type { DecodedMessage, Readings } from '../../contract/readings.ts'
import { decodeCjt188 } from './cjt188.ts'
import { quoted, Unreadable } from './json.ts'

/** A vendor's binary frame → readings. Throws Unreadable with `raw.bad-frame`. */
type RawCodec = (frame: Uint8Array, arrivedAt: number) => Readings

/** The last part of `v1/devices/{id}/raw/{codec}`. */
const CODECS: ReadonlyMap<string, RawCodec> = new Map([['cjt188', decodeCjt188]])

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
    return { blocks: [{ deviceId, readings: decode(frame, arrivedAt) }], complaints: [] }
  } catch (error) {
    if (error instanceof Unreadable) return { blocks: [], complaints: [error.complaint] }
    throw error
  }
}
