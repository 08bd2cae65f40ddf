import type { Alarm } from '../contract/alarms.ts'
import { PlaceTree } from '../contract/place-tree.ts'
import { membershipsOf } from '../contract/topology.ts'
import type { ZoneNight } from '../contract/zones.ts'
import { observe } from '../ingest/alarms/lifecycle.ts'
import { decodeRecord } from '../ingest/decode.ts'
import { DETECTORS } from '../ingest/detectors/index.ts'
import { judgeReadings } from '../ingest/device-readings.ts'
import { type DeviceState, readState } from '../ingest/device-state.ts'
import { AccountBook } from '../ingest/water/account-book.ts'
import type { Standing } from '../ingest/water/accounts.ts'
import { type Memory, verdictOn } from '../ingest/water/verdict.ts'
import { zoneLossFinding } from '../ingest/water/zone-loss.ts'
import type { NetworkRegistration } from '../simulators/network/network-registration.ts'
import type { WorldUpload } from '../simulators/worlds/network-uploads.ts'
import type { RegisteredDevice } from '../store/state/registry-port.ts'

/** What a world comes to: facts that do not depend on when anything was decided. */
export interface Found {
  /** One line an alarm, sorted; without the size of a zone's loss. */
  readonly alarms: readonly string[]
  /** m³/h by zone, as it was last told. */
  readonly losses: Readonly<Record<string, number>>
  /** One line a zone and night, sorted. */
  readonly nights: readonly string[]
}

export const foundOf = (alarms: readonly Alarm[], nights: readonly string[]): Found => ({
  alarms: alarms.map(alarmLine).sort(),
  losses: Object.fromEntries(
    alarms.filter(({ type }) => type === 'zoneLoss').map(({ placeId, value }) => [placeId, value ?? Number.NaN]),
  ),
  nights: nights.toSorted(),
})

/** Of an alarm what is true of the world, not of the hour in which it was noticed. */
const alarmLine = ({ deviceId, placeId, type, raisedAt, value, state, clearedAt }: Alarm): string =>
  [
    deviceId ?? placeId,
    type,
    `since ${new Date(raisedAt).toISOString()}`,
    ...(type === 'zoneLoss' ? [] : [value]),
    state.startsWith('ACTIVE') ? 'holds' : `over ${clearedAt === null ? '' : new Date(clearedAt).toISOString()}`,
  ].join(' ')

/** Litres a night are whole; so are a million readings added up. */
export const nightLine = (zone: string, night: Omit<ZoneNight, 'judgedAt'>): string =>
  [
    zone,
    night.day,
    ...[night.lossM3h, night.nightM3h, night.inflowM3h, night.expectedM3h, night.lowM3h, night.highM3h].map((m3h) =>
      m3h?.toFixed(6),
    ),
    night.reported.toFixed(6),
    night.bulkReported.toFixed(6),
    night.verdict,
  ].join(' ')

/** A world's uploads, in the order of their arrival, by the decoding, detection, accounts and judgement of production, and nothing else of it. */
export class OfflineHydrant {
  readonly #registered: NetworkRegistration['registered']
  readonly #devices: ReadonlyMap<string, RegisteredDevice>
  readonly #places = new PlaceTree()
  readonly #states = new Map<string, DeviceState>()
  readonly #alarms = new Map<string, Alarm>()
  readonly #book = new AccountBook()
  readonly #memories = new Map<string, Memory>()
  readonly #nights = new Map<string, string>()

  constructor({ places, devices, flows, registered }: NetworkRegistration) {
    this.#registered = registered
    this.#places.replace(places)
    this.#devices = new Map(
      devices.map((device) => [
        device.id,
        {
          ...{ gatewayId: null, disabled: false, identity: 'secret', secretHash: new Uint8Array(), generation: 1 },
          ...{ gbAddress: null, gbFrom: [], denied: false, revision: 1 },
          ...device,
        },
      ]),
    )
    const standings = new Map<string, Standing>()
    for (const { id, kind, placeId } of devices) {
      if (kind !== 'water-meter' && kind !== 'bulk-meter') continue
      const own = flows.filter(({ deviceId }) => deviceId === id)
      const memberships = membershipsOf({ id, kind }, [{ placeId, from: 0, to: null }], own, this.#places)
      standings.set(id, { memberships, exchanges: [] })
    }
    // Who is registered counts as one to be heard.
    this.#book.place(standings)
  }

  /** One upload, as it stands in the journal. */
  read({ deviceId, arrivesAt, payload }: WorldUpload): void {
    const { id, gateway } = this.#registered.get(deviceId)!
    const decoded = decodeRecord({
      ...{ seq: 1, kind: 'gateway', deviceId: gateway, arg: '', arrivedAt: arrivesAt },
      payload: Buffer.from(`{"${id}":${payload}}`),
    })
    if (decoded.type !== 'readings') throw new Error(`the world made an upload that is no telemetry: ${payload}`)
    for (const block of decoded.message.blocks) {
      const device = this.#devices.get(block.deviceId)!
      const before = this.#states.get(device.id) ?? readState(undefined)
      const judged = judgeReadings(before, device, block.readings, arrivesAt, 'bulk', DETECTORS)
      this.#states.set(device.id, judged.state)
      for (const finding of judged.findings) this.#observe(device.id, finding, arrivesAt)
      const changed = this.#book.take((accounts) => {
        for (const { at, fields } of judged.measured)
          for (const { quantity, values } of fields)
            if (quantity === 'volume' || quantity === 'reverseVolume')
              accounts.add({ deviceId: device.id, register: quantity, at, values })
      })
      for (const [zone, from] of changed) this.#judge(zone, from)
    }
  }

  found(): Found {
    return foundOf([...this.#alarms.values()], [...this.#nights.values()])
  }

  #judge(zone: string, changedFrom: number): void {
    const [hours, counts] = [this.#book.hours(zone), this.#book.counts(zone)]
    const judgement = verdictOn(this.#memories.get(zone), hours, counts, changedFrom)
    if (judgement === undefined) return
    this.#memories.set(zone, judgement.memory)
    for (const night of judgement.nights) this.#nights.set(`${zone} ${night.day}`, nightLine(zone, night))
    for (const finding of judgement.findings)
      this.#observe(zone, 'reason' in finding ? finding : zoneLossFinding(finding, undefined), 0)
  }

  /** Nobody acknowledges anything here, so an alarm that is over is still the one that the next finding meets. */
  #observe(source: string, finding: Parameters<typeof observe>[1], noticedAt: number): void {
    const key = `${source} ${finding.type}`
    const [deviceId, placeId] = this.#devices.has(source) ? [source, null] : [null, source]
    const step = observe(this.#alarms.get(key), finding, { deviceId, placeId, noticedAt, newId: () => key })
    if (step !== undefined) this.#alarms.set(key, step.alarm)
  }
}
