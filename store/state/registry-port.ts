import type { AloneFacts } from '../../contract/alone.ts'
import type { Place } from '../../contract/api.ts'
import type { DetectionLimits } from '../../contract/detection-limits.ts'
import type { Kind } from '../../contract/kinds.ts'

/**
 * What a device shows: a secret of its own, a key derived from the master (store/derived-key.ts), or only a client
 * certificate. A certificate of the trusted authority is good for the other two as well.
 */
export const IDENTITIES = ['secret', 'derived', 'certificate'] as const
export type Identity = (typeof IDENTITIES)[number]

export interface RegisteredDevice {
  readonly id: string
  readonly kind: Kind
  readonly name: string
  readonly model: string | null
  readonly placeId: string | null
  readonly gatewayId: string | null
  readonly lon: number | null
  readonly lat: number | null
  readonly disabled: boolean
  /** Expected interval between two signs of life, seconds; null: the kind's own. */
  readonly rhythmS: number | null
  readonly identity: Identity
  /** SHA-256 of the secret; empty where the device has none of its own. */
  readonly secretHash: Uint8Array
  /** Which derived key counts: 1 at first, raised to make the ones before worthless. */
  readonly generation: number
  /** Its source address in GB/T 26875.3 frames; of fire panels only, and nobody else's. */
  readonly gbAddress: number | null
  /** IP addresses and networks (CIDR) that such frames may come from; empty: any. The protocol itself has no secret. */
  readonly gbFrom: readonly string[]
  /** On the deny list: looks unknown from outside, whatever it shows. */
  readonly denied: boolean
  /** Limits of detection that count for it: its home's, and its own before them. Absent: nobody changed any. */
  readonly limits?: DetectionLimits
  /** Who lives alone behind this meter and is watched by it. */
  readonly alone?: AloneFacts
  /** Counter of registry changes when this row was last changed. */
  readonly revision: number
}
/** What is left out stays as it is. */
export type NewDevice = Omit<
  RegisteredDevice,
  'revision' | 'denied' | 'limits' | 'alone' | 'disabled' | 'identity' | 'generation' | 'gbAddress' | 'gbFrom'
> &
  Partial<Pick<RegisteredDevice, 'disabled' | 'identity' | 'generation' | 'gbAddress' | 'gbFrom'>>

export interface ChangedLimits {
  readonly of: 'device' | 'place'
  readonly id: string
  readonly name: string
  readonly limits: DetectionLimits
}

export interface Registry {
  find(id: string): Promise<RegisteredDevice | undefined>
  /** Whose GB/T 26875.3 source address it is. */
  findByGbAddress(address: number): Promise<RegisteredDevice | undefined>
  /** Ordered by id; `after` is the last id of the page before. */
  list(after: string, limit: number): Promise<readonly RegisteredDevice[]>
  children(gatewayId: string): Promise<readonly RegisteredDevice[]>
  /** How many devices are registered under this gateway. */
  countChildren(gatewayId: string): Promise<number>
  /**
   * Adds or replaces, all in one transaction. Throws DuplicateDevice when `replace` is false and one is there, and
   * DuplicateGbAddress where another device has the address.
   */
  put(devices: readonly NewDevice[], options: { readonly replace: boolean }): Promise<void>
  /** Resolves false when there was none. History and alarms of the device stay. */
  remove(id: string): Promise<boolean>
  setDisabled(id: string, disabled: boolean): Promise<boolean>
  /** Raises the generation of a device's derived key. Resolves with the new one, undefined where there is no device. */
  nextGeneration(id: string): Promise<number | undefined>
  /** Puts ids on the deny list, registered or not. They stay on it when the device is removed. */
  deny(ids: readonly string[], at: number): Promise<void>
  /** Resolves with those that were on the list. */
  allow(ids: readonly string[]): Promise<readonly string[]>
  /** The deny list, ordered by id. */
  denied(): Promise<readonly { readonly id: string; readonly at: number }[]>
  /** Replaces the limits of a device; an empty object: nothing is changed any more. Resolves false when there is none. */
  setDeviceLimits(id: string, limits: DetectionLimits): Promise<boolean>
  /** Likewise for every device at or below a place. */
  setPlaceLimits(id: string, limits: DetectionLimits): Promise<boolean>
  /** Where limits were changed, ordered by id: what keeps a changed limit from being forgotten. */
  changedLimits(): Promise<readonly ChangedLimits[]>
  /** Grows with every change of any device, removal included. */
  revision(): Promise<number>
  /** Devices changed, and ids removed, after `revision`. */
  changesSince(revision: number): Promise<{
    readonly revision: number
    readonly changed: readonly RegisteredDevice[]
    readonly removed: readonly string[]
  }>
  count(): Promise<number>
  putPlaces(places: readonly Place[]): Promise<void>
  places(): Promise<readonly Place[]>
  /** From the outermost place down to this one; empty where there is none of that id. */
  pathOfPlace(id: string): Promise<readonly Place[]>
  /** Grows with every change of any place. */
  placeRevision(): Promise<number>
  /** Devices of the urgent lane: detectors, buttons, panels. */
  fireAndCare(): Promise<readonly RegisteredDevice[]>
  close(): Promise<void>
}

export class DuplicateDevice extends Error {
  override name = 'DuplicateDevice'
}

export class DuplicateGbAddress extends Error {
  override name = 'DuplicateGbAddress'
}
