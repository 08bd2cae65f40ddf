import type { Complaint, DecodedMessage } from '../../contract/readings.ts'
import { isDeviceId } from '../../contract/topics.ts'
import { decodeForm } from './forms.ts'
import { isObject, kindOf, quoted, Unreadable } from './json.ts'

/**
 * `{ "<deviceId>": <any telemetry payload>, … }`. One child's mistake leaves the others. Whether the children are the
 * gateway's own, the registry says; that check is the caller's.
 */
export function decodeGateway(value: unknown, arrivedAt: number): DecodedMessage {
  if (!isObject(value))
    throw new Unreadable('payload.shape', `a gateway sends { "<deviceId>": … }, not ${kindOf(value)}`)
  const blocks: { deviceId: string; readings: DecodedMessage['blocks'][number]['readings'] }[] = []
  const complaints: Complaint[] = []
  for (const deviceId of Object.keys(value)) {
    if (!isDeviceId(deviceId)) {
      complaints.push({ reason: 'gateway.not-your-child', detail: `${quoted(deviceId)} is no device id` })
      continue
    }
    try {
      const result = decodeForm(value[deviceId], arrivedAt)
      for (const readings of result.readings) blocks.push({ deviceId, readings })
      for (const complaint of result.complaints) complaints.push({ ...complaint, deviceId })
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      complaints.push({ ...error.complaint, deviceId })
    }
  }
  if (blocks.length === 0 && complaints.length === 0)
    throw new Unreadable('payload.empty', 'the gateway named no device')
  return { blocks, complaints }
}
