import type { Reason } from '../contract/reasons.ts'
import { REASONS } from '../contract/reasons.ts'
import type { JournalLane, JournalRecord } from '../store/journal/port.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'
import type { Finding } from './detectors/detector.ts'
import { Draft } from './draft.ts'
import type { DeviceComplaint } from './quarantine-entry.ts'
import { joinDetails } from './set-aside.ts'
import type { Cause } from './stable-id.ts'

/**
 * What decoding a message of the past anew may change: what was measured, and alarms that were missed. It is no sign of
 * life, it says nothing about how the device is now, nothing rings because of it, and nothing is counted a second time.
 */
export class PastDraft extends Draft {
  override readonly past = true
  private readonly standing = new Map<string, DeviceComplaint>()

  get complaints(): readonly DeviceComplaint[] {
    return [...this.standing.values()]
  }

  override find(device: RegisteredDevice, finding: Finding, cause: Cause): void {
    if (finding.missed === true) super.find(device, { ...finding, replayed: true }, cause)
  }

  override heard(): void {}

  override ask(): void {}

  override operate(): void {}

  override attributes(deviceId: string, attributes: Readonly<Record<string, unknown>>): void {
    this.earlierAttributes(deviceId, attributes)
  }

  override complain(
    _lane: JournalLane,
    _record: JournalRecord,
    deviceId: string,
    reason: Reason,
    detail: string,
  ): void {
    if (REASONS[reason].fate !== 'quarantined') return
    const key = `${deviceId} ${reason}`
    const have = this.standing.get(key)
    this.standing.set(key, {
      deviceId,
      reason,
      detail: have === undefined ? detail : joinDetails(have.detail, detail),
    })
  }
}
