import type { DecodedMessage } from '../../contract/readings.ts'
import { decodeForm } from './forms.ts'
import { decodeGateway } from './gateway.ts'
import { parseJson, Unreadable } from './json.ts'

/**
 * The bytes of a `telemetry` publish → readings by column. Never throws for what a device sent: what cannot be
 * understood is in `complaints`. Times are not judged here.
 */
export function decodeTelemetry(payload: Uint8Array, deviceId: string, arrivedAt: number): DecodedMessage {
  return readable(() => {
    const { readings, complaints } = decodeForm(parseJson(payload), arrivedAt)
    return { blocks: readings.map((block) => ({ deviceId, readings: block })), complaints }
  })
}

/** The bytes of a `v1/gateway/telemetry` publish. */
export const decodeGatewayTelemetry = (payload: Uint8Array, arrivedAt: number): DecodedMessage =>
  readable(() => decodeGateway(parseJson(payload), arrivedAt))

function readable(decode: () => DecodedMessage): DecodedMessage {
  try {
    return decode()
  } catch (error) {
    if (error instanceof Unreadable) return { blocks: [], complaints: [error.complaint] }
    throw error
  }
}
