import type { Quantity, Value } from '../contract/quantities.ts'
import type { DeviceSighting } from '../store/state/decisions-port.ts'

interface Sighting {
  lastHeardAt: number | undefined
  connected: boolean | undefined
  latest: Map<Quantity, { readonly value: Value; readonly at: number }> | undefined
  attributes: Record<string, unknown> | undefined
  earlierAttributes: Record<string, unknown> | undefined
}

/** What a batch has seen of each device: a sign of life, its connection, its newest values, what it says of itself. */
export class Sightings {
  private readonly byDevice = new Map<string, Sighting>()

  /** @param at arrival, ms since 1970 */
  heard(deviceId: string, at: number): void {
    const sighting = this.of(deviceId)
    sighting.lastHeardAt = Math.max(sighting.lastHeardAt ?? 0, at)
  }

  connected(deviceId: string, connected: boolean): void {
    this.of(deviceId).connected = connected
  }

  latest(deviceId: string, quantity: Quantity, value: Value, at: number): void {
    const sighting = this.of(deviceId)
    sighting.latest ??= new Map()
    sighting.latest.set(quantity, { value, at })
  }

  attributes(deviceId: string, attributes: Readonly<Record<string, unknown>>): void {
    const sighting = this.of(deviceId)
    sighting.attributes = { ...sighting.attributes, ...attributes }
  }

  earlierAttributes(deviceId: string, attributes: Readonly<Record<string, unknown>>): void {
    const sighting = this.of(deviceId)
    sighting.earlierAttributes = { ...sighting.earlierAttributes, ...attributes }
  }

  absorb(part: Sightings): void {
    for (const [deviceId, news] of part.byDevice) {
      const have = this.byDevice.get(deviceId)
      if (have === undefined) {
        this.byDevice.set(deviceId, news)
        continue
      }
      if (news.lastHeardAt !== undefined) this.heard(deviceId, news.lastHeardAt)
      have.connected = news.connected ?? have.connected
      if (news.latest !== undefined) have.latest = new Map([...(have.latest ?? []), ...news.latest])
      if (news.attributes !== undefined) this.attributes(deviceId, news.attributes)
      if (news.earlierAttributes !== undefined) this.earlierAttributes(deviceId, news.earlierAttributes)
    }
  }

  /** When each device was last heard. */
  lastHeard(): ReadonlyMap<string, number> {
    const heard = new Map<string, number>()
    for (const [deviceId, { lastHeardAt }] of this.byDevice)
      if (lastHeardAt !== undefined) heard.set(deviceId, lastHeardAt)
    return heard
  }

  /** As they are stored: what is absent stays as it was. */
  finish(): readonly DeviceSighting[] {
    return [...this.byDevice].map(([deviceId, s]) => ({
      deviceId,
      ...(s.lastHeardAt === undefined ? {} : { lastHeardAt: s.lastHeardAt }),
      ...(s.connected === undefined ? {} : { connected: s.connected }),
      ...(s.latest === undefined ? {} : { latest: s.latest }),
      ...(s.attributes === undefined ? {} : { attributes: s.attributes }),
      ...(s.earlierAttributes === undefined ? {} : { earlierAttributes: s.earlierAttributes }),
    }))
  }

  private of(deviceId: string): Sighting {
    let sighting = this.byDevice.get(deviceId)
    if (sighting === undefined) {
      sighting = {
        lastHeardAt: undefined,
        connected: undefined,
        latest: undefined,
        attributes: undefined,
        earlierAttributes: undefined,
      }
      this.byDevice.set(deviceId, sighting)
    }
    return sighting
  }
}
