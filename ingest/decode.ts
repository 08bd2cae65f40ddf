import { type OperatorCommand, operatorCommandSchema } from '../contract/events.ts'
import type { DecodedMessage } from '../contract/readings.ts'
import { isReason, type Reason } from '../contract/reasons.ts'
import { GATEWAY_TOPIC } from '../contract/topics.ts'
import type { JournalRecord } from '../store/journal/port.ts'
import { decodeAttributes } from './codecs/attributes.ts'
import { decodeRaw } from './codecs/codecs.ts'
import { isObject, own, parseJson, Unreadable } from './codecs/json.ts'
import { decodeGatewayTelemetry, decodeTelemetry } from './codecs/telemetry.ts'

/** A journal record, understood as far as it can be without knowing any device. */
export type Decoded = { readonly record: JournalRecord } & (
  | { readonly type: 'readings'; readonly message: DecodedMessage }
  | { readonly type: 'attributes'; readonly attributes: Readonly<Record<string, unknown>> }
  | { readonly type: 'presence'; readonly connected: boolean }
  | { readonly type: 'sign-of-life' }
  | {
      readonly type: 'refusal'
      readonly reason: Reason
      readonly deviceId: string
      readonly detail: string
      readonly count: number
    }
  | { readonly type: 'command'; readonly command: OperatorCommand }
  | { readonly type: 'broker-started' }
  /** The whole record cannot be understood. */
  | { readonly type: 'unreadable'; readonly reason: Reason; readonly detail: string }
)

/** Never throws for what a device sent; an exception is a defect, which the caller quarantines with the record. */
export function decodeRecord(record: JournalRecord): Decoded {
  const { kind, payload, deviceId, arrivedAt } = record
  switch (kind) {
    case 'telemetry':
      return { record, type: 'readings', message: decodeTelemetry(payload, deviceId, arrivedAt) }
    case 'gateway':
      return { record, type: 'readings', message: decodeGatewayTelemetry(payload, arrivedAt) }
    case 'raw':
      return { record, type: 'readings', message: decodeRaw(record.arg, payload, deviceId, arrivedAt) }
    case 'attributes':
      return orUnreadable(record, () => ({ record, type: 'attributes', attributes: decodeAttributes(payload) }))
    case 'rpcResponse':
      return { record, type: 'sign-of-life' }
    case 'connected':
      return { record, type: 'presence', connected: true }
    case 'disconnected':
      return { record, type: 'presence', connected: false }
    case 'brokerStarted':
      return { record, type: 'broker-started' }
    case 'refused':
      return orUnreadable(record, () => ({ record, type: 'refusal', ...refusalOf(payload) }))
    case 'operator':
      return orUnreadable(record, () => ({ record, type: 'command', command: commandOf(payload) }))
  }
}

/** Devices whose facts and state a record's decision needs. */
export function devicesOf(decoded: Decoded): readonly string[] {
  const { deviceId } = decoded.record
  if (decoded.type === 'command' || decoded.type === 'refusal' || deviceId === '') return []
  if (decoded.type !== 'readings' || decoded.record.kind === 'telemetry') return [deviceId]
  const ids = new Set([deviceId])
  for (const block of decoded.message.blocks) ids.add(block.deviceId)
  for (const complaint of decoded.message.complaints) if (complaint.deviceId !== undefined) ids.add(complaint.deviceId)
  return [...ids]
}

/** Devices that the sender names itself, and that may have to be registered. */
export const announcedBy = (decoded: Decoded): readonly string[] =>
  decoded.type === 'readings' ? (decoded.message.announced ?? []).map(({ id }) => id) : []

/** The topic a record came on, as a person would write it. */
export function topicOf({ kind, deviceId, arg }: JournalRecord): string {
  switch (kind) {
    case 'telemetry':
    case 'attributes':
      return `v1/devices/${deviceId}/${kind}`
    case 'raw':
      return `v1/devices/${deviceId}/raw/${arg}`
    case 'rpcResponse':
      return `v1/devices/${deviceId}/rpc/response/${arg}`
    case 'gateway':
      return GATEWAY_TOPIC
    default:
      return kind
  }
}

function orUnreadable(record: JournalRecord, decode: () => Decoded): Decoded {
  try {
    return decode()
  } catch (error) {
    if (error instanceof Unreadable) return { record, type: 'unreadable', ...error.complaint }
    throw error
  }
}

function commandOf(payload: Uint8Array): OperatorCommand {
  const parsed = operatorCommandSchema.safeParse(parseJson(payload))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new Unreadable('payload.shape', `not a command: ${issue?.path.join('.')} ${issue?.message}`)
}

function refusalOf(payload: Uint8Array): { reason: Reason; deviceId: string; detail: string; count: number } {
  const value = parseJson(payload)
  const reason = isObject(value) ? own(value, 'reason') : undefined
  if (!isObject(value) || typeof reason !== 'string' || !isReason(reason))
    throw new Unreadable('payload.shape', 'not a refusal of the broker')
  const deviceId = own(value, 'deviceId')
  const detail = own(value, 'detail')
  const count = own(value, 'count')
  return {
    reason,
    deviceId: typeof deviceId === 'string' ? deviceId : '',
    detail: typeof detail === 'string' ? detail : '',
    count: typeof count === 'number' && count > 0 ? Math.floor(count) : 1,
  }
}
