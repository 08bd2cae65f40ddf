import { KINDS } from '../contract/kinds.ts'
import type { Complaint } from '../contract/readings.ts'
import { REASONS, type Reason } from '../contract/reasons.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import type { Finding } from './detectors/detector.ts'
import type { Draft } from './draft.ts'
import type { Cause } from './stable-id.ts'

/** Alarms about what a device sends rather than what it measures. A fire that cannot be read must not be lost in silence. */

/** So many impossible values within a day are a broken sensor, not a slip. */
const IMPLAUSIBLE_COUNT = 5
const IMPLAUSIBLE_WINDOW_MS = 24 * 3_600_000

const IMPLAUSIBLE: ReadonlySet<Reason> = new Set([
  'value.out-of-bounds',
  'value.not-finite',
  'value.register-backwards',
])
/** A reading of a safety device that was meant and is lost. An unknown quantity is a vendor's extra, no loss. */
const LOST: ReadonlySet<Reason> = new Set([
  'value.wrong-type',
  'value.not-finite',
  'payload.shape',
  'time.future',
  'time.invalid',
  'poison.exception',
  'raw.cut-off',
])
/** Left to makers by the standard: kept for whoever knows it, and no loss. */
const OWN: ReadonlySet<Reason> = new Set(['raw.own-type'])

/** After each message of a device: `complaints` are this device's, `understood` whether any reading of it was. */
export function judgeMessage(
  draft: Draft,
  device: RegisteredDevice,
  understood: boolean,
  complaints: readonly Complaint[],
  cause: Cause,
): void {
  judgeReadable(draft, device, understood, complaints, cause)
  judgePlausible(draft, device, understood, complaints, cause)
}

function judgeReadable(
  draft: Draft,
  device: RegisteredDevice,
  understood: boolean,
  complaints: readonly Complaint[],
  cause: Cause,
): void {
  // Of a gateway's message that is lost as a whole nobody knows for which of its devices it spoke.
  if (KINDS[device.kind].lane !== 'urgent' && !draft.speaksForUrgent(device.id)) return
  const lost =
    complaints.find(({ reason }) => LOST.has(reason)) ??
    (understood ? undefined : complaints.find(({ reason }) => !OWN.has(reason)))
  if (lost !== undefined) {
    const facts = REASONS[lost.reason]
    draft.find(
      device,
      {
        ...noValue,
        type: 'unreadable',
        active: true,
        at: cause.arrivedAt,
        reason: `${facts.en}: ${lost.detail}. It may have been an alarm; the bytes are in quarantine.`,
        reasonZh: `${facts.zh}:${lost.detail}。可能是报警,原始报文在隔离区。`,
      },
      cause,
    )
  } else if (understood) clear(draft, device, 'unreadable', cause, 'A message was understood.', '报文已恢复正常。')
}

function judgePlausible(
  draft: Draft,
  device: RegisteredDevice,
  understood: boolean,
  complaints: readonly Complaint[],
  cause: Cause,
): void {
  const state = draft.state(device.id)
  const since = cause.arrivedAt - IMPLAUSIBLE_WINDOW_MS
  const bad = complaints.filter(({ reason }) => IMPLAUSIBLE.has(reason))
  let times = state.implausible
  for (const { count = 1 } of bad)
    for (let i = 0; i < Math.min(count, IMPLAUSIBLE_COUNT); i++) times = [...times, cause.arrivedAt]
  times = times.filter((time) => time > since).slice(-IMPLAUSIBLE_COUNT)
  if (times.length !== state.implausible.length || bad.length > 0)
    draft.setState(device.id, { ...state, implausible: times })
  const newest = bad[0]
  if (newest !== undefined && times.length === IMPLAUSIBLE_COUNT)
    draft.find(
      device,
      {
        ...noValue,
        type: 'implausible',
        active: true,
        at: cause.arrivedAt,
        value: IMPLAUSIBLE_COUNT,
        threshold: IMPLAUSIBLE_COUNT,
        reason: `At least ${IMPLAUSIBLE_COUNT} impossible values in 24 h, last: ${newest.detail}`,
        reasonZh: `24小时内至少${IMPLAUSIBLE_COUNT}个不可能的数值,最近一个:${newest.detail}`,
      },
      cause,
    )
  else if (understood && times.length === 0)
    clear(draft, device, 'implausible', cause, '24 h of plausible values.', '24小时内数值正常。')
}

/** A device that was given up for silent is heard. */
export const judgeHeard = (draft: Draft, device: RegisteredDevice, cause: Cause): void =>
  clear(draft, device, 'silent', cause, 'Heard again.', '设备已恢复上报。')

function clear(
  draft: Draft,
  device: RegisteredDevice,
  type: Finding['type'],
  cause: Cause,
  reason: string,
  reasonZh: string,
): void {
  if (draft.openAlarm(device.id, type) === undefined) return
  draft.find(device, { ...noValue, type, active: false, at: cause.arrivedAt, reason, reasonZh }, cause)
}

const noValue = { value: null, threshold: null, unit: null } as const
